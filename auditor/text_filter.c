/* SPDX-License-Identifier: ISC */
#include "text_filter.h"

#include <string.h>

#include "bytes.h"
#include "escape.h"

/* A cell is a code point, or one of these */
#define CELL_FILL 0x110000u /* the rest of a tab's width */
#define CELL_BYTE 0x200000u /* a byte to be shown as \xHH */
#define TAB_WIDTH 8
/* Sequences move the cursor and insert no further than this: a terminal's width
 * ends it too, and a few bytes must not become kilobytes of blanks. */
#define MOVE_MAX 512

void text_filter_init(struct text_filter *t, struct sink *out)
{
	vt_init(&t->vt);
	t->out = out;
	t->len = t->col = 0;
}

static size_t utf8_put(uint8_t *p, uint32_t cp)
{
	if (cp < 0x80) {
		p[0] = (uint8_t)cp;
		return 1;
	}
	if (cp < 0x800) {
		p[0] = (uint8_t)(0xc0 | cp >> 6);
		p[1] = (uint8_t)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		p[0] = (uint8_t)(0xe0 | cp >> 12);
		p[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (cp & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | cp >> 18);
	p[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (cp & 0x3f));
	return 4;
}

static size_t cell_put(uint8_t *p, uint32_t cell)
{
	uint8_t byte = (uint8_t)cell;

	if (cell == CELL_FILL)
		return 0;
	if ((cell & CELL_BYTE) == 0)
		return utf8_put(p, cell);
	p[0] = '\\';
	p[1] = 'x';
	hex_put((char *)p + 2, &byte, 1);
	return 4;
}

/* Puts out the line as it stands, without ending it. */
static void spill(struct text_filter *t)
{
	uint8_t buf[1024];
	size_t used = 0, i;

	for (i = 0; i < t->len; i++) {
		if (sizeof buf - used < 8) {
			sink_put(t->out, buf, used);
			used = 0;
		}
		used += cell_put(buf + used, t->cell[i]);
	}
	sink_put(t->out, buf, used);
	t->len = t->col = 0;
}

static void line_end(struct text_filter *t)
{
	spill(t);
	sink_put(t->out, "\n", 1);
}

/* The cursor goes to another row, where a new line of text starts. */
static void leave_line(struct text_filter *t)
{
	if (t->len > 0)
		line_end(t);
	t->col = 0;
}

/* Turns the tab that covers cell i, if there is one, into spaces. */
static void break_tab(struct text_filter *t, size_t i)
{
	size_t k = i;

	while (k > 0 && t->cell[k] == CELL_FILL)
		k--;
	if (t->cell[k] != '\t')
		return;
	do
		t->cell[k++] = ' ';
	while (k < t->len && t->cell[k] == CELL_FILL);
}

static void pad_to(struct text_filter *t, size_t col)
{
	while (t->len < col)
		t->cell[t->len++] = ' ';
}

static void put_cell(struct text_filter *t, uint32_t cell)
{
	if (t->col >= TEXT_LINE_MAX)
		spill(t);
	if (t->col < t->len)
		break_tab(t, t->col);
	else
		pad_to(t, t->col);
	t->cell[t->col++] = cell;
	if (t->col > t->len)
		t->len = t->col;
}

static void put_text(struct text_filter *t, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (t->col == t->len && t->col < TEXT_LINE_MAX) { /* nearly always */
			t->cell[t->col++] = p[i];
			t->len = t->col;
		} else {
			put_cell(t, p[i]);
		}
	}
}

static void put_bytes(struct text_filter *t, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		put_cell(t, CELL_BYTE | p[i]);
}

static void put_tab(struct text_filter *t)
{
	size_t to = (t->col / TAB_WIDTH + 1) * TAB_WIDTH;

	if (t->col < t->len) { /* it only moves over what is there */
		t->col = to;
		return;
	}
	put_cell(t, '\t');
	while (t->col % TAB_WIDTH != 0)
		put_cell(t, CELL_FILL);
}

static void control(struct text_filter *t, uint8_t b)
{
	switch (b) {
	case '\n': case '\v': case '\f':
		line_end(t);
		break;
	case '\r':
		t->col = 0;
		break;
	case '\b':
		if (t->col > 0)
			t->col--;
		break;
	case '\t':
		put_tab(t);
		break;
	case '\0': case '\a': case 0x0e: case 0x0f: case 0x7f:
		break; /* a terminal shows nothing for them */
	default:
		put_bytes(t, &b, 1);
	}
}

static void erase(struct text_filter *t, size_t from, size_t to)
{
	size_t i;

	if (to > t->len)
		to = t->len;
	for (i = from; i < to; i++) {
		break_tab(t, i);
		t->cell[i] = ' ';
	}
}

static void truncate_at(struct text_filter *t, size_t col)
{
	if (col >= t->len)
		return;
	break_tab(t, col);
	t->len = col;
}

static void erase_in_line(struct text_filter *t, uint32_t what)
{
	if (what == 0)
		truncate_at(t, t->col);
	else if (what == 1)
		erase(t, 0, t->col + 1);
	else if (what == 2)
		t->len = 0;
}

static void delete_cells(struct text_filter *t, size_t n)
{
	if (t->col >= t->len)
		return;
	break_tab(t, t->col);
	if (n >= t->len - t->col) {
		t->len = t->col;
		return;
	}
	break_tab(t, t->col + n);
	memmove(&t->cell[t->col], &t->cell[t->col + n],
	    (t->len - t->col - n) * sizeof t->cell[0]);
	t->len -= n;
}

static void insert_cells(struct text_filter *t, size_t n)
{
	size_t i;

	if (t->col >= t->len)
		return;
	break_tab(t, t->col);
	if (n > MOVE_MAX)
		n = MOVE_MAX;
	if (n > TEXT_LINE_MAX - t->len)
		n = TEXT_LINE_MAX - t->len;
	memmove(&t->cell[t->col + n], &t->cell[t->col],
	    (t->len - t->col) * sizeof t->cell[0]);
	for (i = 0; i < n; i++)
		t->cell[t->col + i] = ' ';
	t->len += n;
}

static void move_right(struct text_filter *t, size_t from, size_t n)
{
	size_t most = from > MOVE_MAX ? from : MOVE_MAX;

	t->col = n < most - from ? from + n : most;
}

static void private_mode(struct text_filter *t, const struct vt_event *e)
{
	unsigned i;

	if (e->prefix != '?' || (e->final != 'h' && e->final != 'l'))
		return;
	for (i = 0; i < e->params; i++)
		if (e->param[i] == 47 || e->param[i] == 1047 || e->param[i] == 1049)
			leave_line(t); /* to the other screen */
}

static void csi(struct text_filter *t, const struct vt_event *e)
{
	uint32_t first = e->params > 0 ? e->param[0] : 0;
	size_t n = first > 0 ? first : 1;

	if (e->inter != 0)
		return;
	if (e->prefix != 0) {
		private_mode(t, e);
		return;
	}
	switch (e->final) {
	case 'C': case 'a':
		move_right(t, t->col, n);
		break;
	case 'D':
		t->col -= n < t->col ? n : t->col;
		break;
	case 'G': case '`':
		move_right(t, 0, n - 1);
		break;
	case 'K':
		erase_in_line(t, first);
		break;
	case 'P':
		delete_cells(t, n);
		break;
	case '@':
		insert_cells(t, n);
		break;
	case 'X':
		erase(t, t->col, t->col + n);
		break;
	case 'J':
		if (first == 0) {
			truncate_at(t, t->col);
			break;
		}
		leave_line(t);
		break;
	case 'A': case 'B': case 'E': case 'F': case 'H': case 'd': case 'e': case 'f':
		leave_line(t);
		break;
	default:
		break;
	}
}

static void escape(struct text_filter *t, const struct vt_event *e)
{
	/* index, next line, reverse index, reset */
	if (e->inter == 0 && e->final != 0 && strchr("DEMc", e->final) != NULL)
		leave_line(t);
}

static void handle(struct text_filter *t, const struct vt_event *e)
{
	switch (e->kind) {
	case VT_TEXT:
		put_text(t, e->data, e->len);
		break;
	case VT_RUNE:
		if (escape_printable(e->cp))
			put_cell(t, e->cp);
		else
			put_bytes(t, e->data, e->len);
		break;
	case VT_INVALID:
		put_cell(t, 0xfffd);
		break;
	case VT_CONTROL:
		control(t, e->final);
		break;
	case VT_ESC:
		escape(t, e);
		break;
	case VT_CSI:
		csi(t, e);
		break;
	}
}

void text_filter_put(struct text_filter *t, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct vt_event e;

	while (vt_next(&t->vt, &p, end, &e))
		handle(t, &e);
}

void text_filter_end(struct text_filter *t)
{
	struct vt_event e;

	if (vt_end(&t->vt, &e))
		handle(t, &e);
	spill(t);
}
