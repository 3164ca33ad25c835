/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "screen_internal.h"

#define ZERO_WIDTH_JOINER 0x200d

static uint32_t param(const struct vt_event *e, unsigned i, uint32_t none)
{
	return i < e->params && e->param[i] > 0 ? e->param[i] : none;
}

static void feed_text(struct screen *s, const void *p, size_t len)
{
	s->in_text = 1;
	screen_write(s, p, len);
	s->in_text = 0;
}

/* What fits before the last column needs nothing of libvterm but that the cursor moves. */
static void put_ascii(struct screen *s, VTermPos at, const uint8_t *p, int len)
{
	struct screen_grid *g = screen_shown(s);
	int i;

	screen_tell_touched(s, at.row);
	for (i = 0; i < len; i++)
		screen_grid_put(g, at.row, at.col + i, p[i], 1, &s->m.pen);
	s->m.put = 1;
	s->m.put_row = at.row;
	s->m.put_col = at.col + len - 1;
	s->m.put_end = at.col + len;
	screen_csi(s, (unsigned)len, 0, 'C');
}

#define FEW 3 /* so few are not worth it */

static void feed_ascii(struct screen *s, const uint8_t *p, size_t len)
{
	s->m.put_rune = p[len - 1];
	if (s->m.insert || s->m.set[(int)s->m.shift] != 'B') {
		feed_text(s, p, len);
		return;
	}
	while (len > 0) {
		VTermPos at = screen_position(s);
		size_t room = (size_t)(s->m.cols - 1 - at.col), n = len < room ? len : room;

		if (n <= FEW) {
			n = len < FEW ? len : FEW;
			feed_text(s, p, n);
		} else {
			put_ascii(s, at, p, (int)n);
		}
		p += n;
		len -= n;
	}
}

static void combine(struct screen *s, uint32_t rune)
{
	VTermPos p = screen_position(s);

	if (s->m.put) {
		p.row = s->m.put_row;
		p.col = s->m.put_col + 1;
	}
	if (p.col == 0)
		return;
	screen_tell_touched(s, p.row);
	screen_grid_combine(screen_shown(s), p.row, p.col - 1, rune);
}

static int after_joiner(struct screen *s)
{
	struct screen_cell *c;
	int i = SCREEN_RUNES - 1;

	if (!s->m.put)
		return 0;
	c = screen_grid_cells(screen_shown(s), s->m.put_row, s->m.put_col + 1) + s->m.put_col;
	while (i > 0 && c->rune[i] == 0)
		i--;
	return i > 0 && c->rune[i] == ZERO_WIDTH_JOINER;
}

/* libvterm is given others of the same width in place of what is not ASCII: its tables are
 * older, and it collects without limit what it takes for combining. */
static void feed_rune(struct screen *s, uint32_t rune)
{
	int width = screen_width(rune);

	if (rune < 0xa0)
		return;
	if (width == 0 || after_joiner(s)) {
		combine(s, rune);
		return;
	}
	s->rune = rune;
	if (width == 2)
		feed_text(s, "\xe4\xb8\x80", 3);
	else
		feed_text(s, "\xe2\x94\x80", 3);
	s->rune = 0;
	s->m.put_rune = rune;
}

static void feed_control(struct screen *s, uint8_t c)
{
	char b = (char)c;

	if (c == 0x0e || c == 0x0f)
		screen_set_shift(s, c == 0x0e);
	else if (c >= '\b' && c <= '\r')
		screen_write(s, &b, 1);
}

static void feed_escape(struct screen *s, const struct vt_event *e)
{
	char text[2] = { '\033', (char)e->final };
	const char *set;

	if (e->inter != 0) {
		set = strchr("()*+", e->inter);
		if (set != NULL && e->final >= '0' && strchr("0AB", e->final) != NULL)
			screen_set_designate(s, (int)(e->inter - '('), (char)e->final);
		return;
	}
	switch (e->final) {
	case 'D': case 'E': case 'H': case 'M':
		s->m.other |= e->final == 'H' ? SCREEN_TABS : 0;
		screen_write(s, text, sizeof text);
		break;
	case '7':
		screen_cursor_save(s);
		break;
	case '8':
		screen_cursor_back(s);
		break;
	case 'c':
		screen_reset(s, 1);
		break;
	default:
		break;
	}
}

/* Up and down stop at the scroll region's edge if they begin inside: not so in libvterm. */
static void move_rows(struct screen *s, const struct vt_event *e, int up, int to_begin)
{
	int row = screen_position(s).row, n = (int)param(e, 0, 1), room;

	if (up)
		room = row >= s->m.top ? row - s->m.top : row;
	else
		room = row <= s->m.bottom ? s->m.bottom - row : s->m.rows - 1 - row;
	if (n > room)
		n = room;
	if (n > 0)
		screen_csi(s, (unsigned)n, 0, up ? 'A' : 'B');
	if (to_begin)
		screen_write(s, "\r", 1);
}

/* Not only inside of the scroll region, as in libvterm. */
static void shift_line(struct screen *s, const struct vt_event *e, int left)
{
	VTermPos p = screen_position(s);
	VTermRect r = { p.row, p.row + 1, p.col, s->m.cols };
	int n = (int)param(e, 0, 1);

	screen_tell_touched(s, p.row);
	screen_grid_shift(screen_shown(s), r, left ? n : -n, &s->m.pen);
}

/* The last character again, to the line's end at most (libvterm goes on for ever when there
 * is none). */
static void repeat(struct screen *s, const struct vt_event *e)
{
	int width = s->m.put_end - s->m.put_col, n = (int)param(e, 0, 1);
	char c = (char)s->m.put_rune;

	if (!s->m.put || s->m.put_rune == 0 || width < 1)
		return;
	if (n > (s->m.cols - s->m.put_end) / width)
		n = (s->m.cols - s->m.put_end) / width;
	for (; n > 0; n--)
		if (s->m.put_rune < 0x80)
			feed_text(s, &c, 1);
		else
			feed_rune(s, s->m.put_rune);
}

static void set_region(struct screen *s, const struct vt_event *e)
{
	int top = (int)param(e, 0, 1), bottom = (int)param(e, 1, (uint32_t)s->m.rows);

	if (bottom > s->m.rows)
		bottom = s->m.rows;
	if (top >= bottom)
		return;
	s->m.top = top - 1;
	s->m.bottom = bottom - 1;
	screen_csi(s, (unsigned)top, (unsigned)bottom, 'r');
}

static void set_other(struct screen *s, unsigned bit, int on)
{
	s->m.other = on ? s->m.other | bit : s->m.other & ~bit;
}

static void set_new_line(struct screen *s, int on)
{
	screen_write(s, on ? "\033[20h" : "\033[20l", 5);
	set_other(s, SCREEN_NEW_LINE, on);
}

static void set_private(struct screen *s, uint32_t mode, int on)
{
	switch (mode) {
	case 6:
		screen_origin_set(s, on);
		break;
	case 7:
		screen_write(s, on ? "\033[?7h" : "\033[?7l", 5);
		set_other(s, SCREEN_NO_WRAP, !on);
		break;
	case 25:
		s->m.visible = on;
		break;
	case 47: case 1047: case 1049:
		screen_alternate_set(s, on, mode == 1049);
		break;
	case 1048:
		if (on)
			screen_cursor_save(s);
		else
			screen_cursor_back(s);
		break;
	default:
		break;
	}
}

/* libvterm looks at the first of several only. */
static void set_modes(struct screen *s, const struct vt_event *e, int on)
{
	unsigned i;

	for (i = 0; i < e->params; i++)
		if (e->prefix == '?')
			set_private(s, e->param[i], on);
		else if (e->param[i] == 4)
			screen_insert_set(s, on);
		else if (e->param[i] == 20)
			set_new_line(s, on);
}

static void feed_csi_plain(struct screen *s, const struct vt_event *e)
{
	switch (e->final) {
	case 'A': case 'k':
		move_rows(s, e, 1, 0);
		break;
	case 'B': case 'e':
		move_rows(s, e, 0, 0);
		break;
	case 'E': case 'F':
		move_rows(s, e, e->final == 'F', 1);
		break;
	case '@': case 'P':
		shift_line(s, e, e->final == 'P');
		break;
	case 'C': case 'D': case 'G': case 'I': case 'S': case 'X': case 'Z': case '`': case 'a':
	case 'd': case 'j':
		screen_csi(s, param(e, 0, 1), 0, (char)e->final);
		break;
	case 'T':
		if (e->params < 2)
			screen_csi(s, param(e, 0, 1), 0, 'T');
		break;
	case 'L': case 'M':
		s->deleting = 1;
		screen_csi(s, param(e, 0, 1), 0, (char)e->final);
		s->deleting = 0;
		break;
	case 'J': case 'K': case 'g':
		s->m.other |= e->final == 'g' ? SCREEN_TABS : 0;
		if (param(e, 0, 0) <= (e->final == 'g' ? 5 : 2))
			screen_csi(s, param(e, 0, 0), 0, (char)e->final);
		break;
	case 'H': case 'f':
		screen_csi(s, param(e, 0, 1), param(e, 1, 1), 'H');
		break;
	case 'r':
		set_region(s, e);
		break;
	case 's':
		if (e->params == 0)
			screen_cursor_save(s);
		break;
	case 'u':
		screen_cursor_back(s);
		break;
	case 'h': case 'l':
		set_modes(s, e, e->final == 'h');
		break;
	default:
		break;
	}
}

static void feed_csi(struct screen *s, const struct vt_event *e)
{
	if (e->prefix == 0 && e->inter == 0)
		feed_csi_plain(s, e);
	else if (e->prefix == '?' && e->inter == 0 && (e->final == 'h' || e->final == 'l'))
		set_modes(s, e, e->final == 'h');
	else if (e->prefix == '?' && e->inter == 0 && (e->final == 'J' || e->final == 'K'))
		feed_csi_plain(s, e);
	else if (e->prefix == 0 && e->inter == '!' && e->final == 'p')
		screen_reset(s, 0);
}

void screen_feed(struct screen *s, const struct vt_event *e)
{
	switch (e->kind) {
	case VT_TEXT:
		feed_ascii(s, e->data, e->len);
		return;
	case VT_RUNE:
		feed_rune(s, e->cp);
		return;
	case VT_INVALID:
		feed_rune(s, 0xfffd);
		return;
	case VT_CSI:
		if (e->final == 'm' && e->prefix == 0 && e->inter == 0) {
			screen_pen_set(&s->m.pen, e);
			return;
		}
		if (e->final == 'b' && e->prefix == 0 && e->inter == 0) {
			repeat(s, e);
			return;
		}
		s->m.put = 0;
		feed_csi(s, e);
		return;
	case VT_ESC:
		s->m.put = 0;
		feed_escape(s, e);
		return;
	case VT_CONTROL:
		if (e->final == 0 || e->final == '\a' || e->final == 0x7f)
			return;
		s->m.put = 0;
		feed_control(s, e->final);
		return;
	}
}
