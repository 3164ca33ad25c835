/* SPDX-License-Identifier: ISC */
#include "screen/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROWS 24
#define FIRST_COLS 80

static int is_wide(const struct screen_cell *cells, int cols)
{
	return cols > 1 && cells[1].rune[0] == SCREEN_WIDE;
}

static size_t blanks_behind(const struct screen_cell *cells, int cols)
{
	int n = 0;

	while (n < cols && screen_blank(&cells[cols - 1 - n]))
		n++;
	return (size_t)n;
}

size_t lines_text_to(const struct screen_cell *cells, int cols, char *out, size_t size)
{
	size_t len = screen_text(cells, cols, out, size), blanks = blanks_behind(cells, cols);

	if (blanks > size - 1 - len)
		blanks = size - 1 - len;
	memset(out + len, ' ', blanks);
	return len + blanks;
}

static void give_note(struct lines *l, const char *text, uint64_t at_ns)
{
	const struct transcript_line note = { .kind = TRANSCRIPT_NOTE, .at_ns = at_ns,
		.chunk = l->chunk, .typed = TRANSCRIPT_NOT_TYPED, .text = text,
		.len = strlen(text) };

	line_join_other(&l->join, &note);
}

static void give_notes(struct lines *l, int row)
{
	struct row_marks *m = &l->marks;
	int i = 0;

	if (m->notes == 0)
		return;
	while (i < m->notes) {
		const struct row_note *x = &m->note[i];
		const struct transcript_line note = { .kind = TRANSCRIPT_NOTE, .at_ns = x->at_ns,
			.chunk = x->chunk, .typed = TRANSCRIPT_NOT_TYPED, .text = x->text,
			.len = strlen(x->text) };

		if (x->row > row) {
			i++;
			continue;
		}
		line_join_other(&l->join, &note);
		m->notes--;
		memmove(&m->note[i], &m->note[i + 1],
		    (size_t)(m->notes - i) * sizeof m->note[0]);
	}
}

static void keep_notes(struct row_marks *m, int row)
{
	int i;

	for (i = 0; i < m->notes; i++)
		if (m->note[i].row == row)
			m->note[i].row = row + 1;
}

/* What there is of a row, its text in text. */
static struct line_row row_of(const struct row_mark *m, const struct screen_cell *cells, int cols,
    int wrapped, char *text)
{
	size_t size = SCREEN_TEXT_MAX(cols);
	struct line_row r = { .text = text, .wrapped = wrapped, .at_ns = m->at_ns,
		.chunk = m->chunk, .typed = TRANSCRIPT_NOT_TYPED };

	if (m->entered && m->begun >= 0)
		r.typed = lines_text_to(cells, m->begun < cols ? m->begun : cols, text, size);
	r.len = screen_text(cells, cols, text, size);
	r.blanks = blanks_behind(cells, cols);
	r.wide = is_wide(cells, cols);
	return r;
}

/* Notes on a row whose line goes on stand behind that line. */
void lines_give(struct lines *l, int row, const struct line_row *r)
{
	struct row_mark *m = row_marks_at(&l->marks, row);

	if (!m->given)
		line_join_row(&l->join, r);
	m->given = 1;
	if (l->join.open)
		keep_notes(&l->marks, row);
	else
		give_notes(l, row);
}

static void give_row(struct lines *l, const struct screen_cell *cells, int cols, int wrapped,
    int row)
{
	struct line_row r = row_of(row_marks_at(&l->marks, row), cells, cols, wrapped, l->text);

	lines_give(l, row, &r);
}

void lines_give_base(struct lines *l, int row)
{
	give_row(l, screen_row(l->screen, row), screen_cols(l->screen),
	    screen_wrapped(l->screen, row), 0);
}

static void on_scrolled(void *arg, const struct screen_cell *cells, int cols, int wrapped)
{
	struct lines *l = arg;

	l->erased.kept = 0;
	give_row(l, cells, cols, wrapped, l->scrolling++);
	l->left++;
	if (l->scrolling < l->marks.rows)
		return;
	row_marks_clear(&l->marks, 0, l->marks.rows); /* none is left to be moved */
	l->scrolling = 0;
}

static int is_blank(const struct screen_cell *cells, int cols)
{
	return blanks_behind(cells, cols) == (size_t)cols;
}

int lines_used(const struct lines *l, int to)
{
	while (to > 0 && is_blank(screen_row(l->screen, to - 1), screen_cols(l->screen)))
		to--;
	return to;
}

/* All rows in front of this one, as far as there is anything. */
static void give_rows(struct lines *l, int to)
{
	int cols = screen_cols(l->screen), row;

	to = lines_used(l, to);
	for (row = 0; row < to; row++)
		give_row(l, screen_row(l->screen, row), cols, screen_wrapped(l->screen, row), row);
}


static void keep_top(struct lines *l)
{
	struct lines_top *e = &l->erased;
	int cols = screen_cols(l->screen);

	e->kept = 1;
	e->mark = *row_marks_at(&l->marks, 0);
	e->row = row_of(&e->mark, screen_row(l->screen, 0), cols, screen_wrapped(l->screen, 0),
	    e->text);
}

/* The first row is blank by now. */
static void give_top(struct lines *l)
{
	if (!l->erased.kept)
		return;
	l->erased.kept = 0;
	if (!l->erased.mark.given && (l->erased.row.len > 0 || lines_used(l, screen_rows(l->screen)) > 0))
		line_join_row(&l->join, &l->erased.row);
	row_marks_at(&l->marks, 0)->given = 1;
}

static void on_erasing(void *arg, int from, int to)
{
	struct lines *l = arg;
	int rows = screen_rows(l->screen);

	if (l->alternate) {
		if (2 * (to - from) > rows)
			full_screen_look(&l->full, l->screen, l->text,
			    SCREEN_TEXT_MAX(screen_cols(l->screen)), &l->join);
		return;
	}
	if (from == 0 && to == 1 && rows > 1) {
		keep_top(l);
		return;
	}
	if (to < rows || from > 1 || (from == 1 && !l->erased.kept))
		return;
	give_top(l);
	give_rows(l, rows);
	line_join_end(&l->join);
	give_notes(l, rows);
	row_marks_clear(&l->marks, 0, rows);
}

static void leave_full_screen(struct lines *l)
{
	char text[sizeof l->marks.note[0].text];

	full_screen_look(&l->full, l->screen, l->text, SCREEN_TEXT_MAX(screen_cols(l->screen)),
	    &l->join);
	full_screen_end(&l->full, l->at_ns, text, sizeof text);
	give_note(l, text, l->full.began_ns);
}

/* What stands in front of the cursor's line comes before what is on the other screen. */
static void on_switching(void *arg, int to_alternate)
{
	struct lines *l = arg;
	int row, col, visible;

	if (to_alternate == l->alternate)
		return;
	if (to_alternate) {
		screen_cursor(l->screen, &row, &col, &visible);
		row = lines_first_row(l, row);
		give_rows(l, row);
		line_join_end(&l->join);
		give_notes(l, row);
		full_screen_begin(&l->full, l->at_ns);
	} else {
		leave_full_screen(l);
	}
	l->alternate = to_alternate;
}

static void on_touched(void *arg, int row)
{
	struct lines *l = arg;
	struct row_mark *m;

	l->scrolling = 0;
	l->erased.kept = 0;
	if (l->alternate) {
		full_screen_touch(&l->full, row, l->at_ns, l->chunk);
		return;
	}
	m = row_marks_at(&l->marks, row);
	m->at_ns = l->at_ns;
	m->chunk = l->chunk;
	m->given = 0;
}

static void on_moved(void *arg, int from, int to, int n)
{
	struct lines *l = arg;

	if (l->alternate) {
		full_screen_move(&l->full, from, to, n);
		return;
	}
	l->scrolling = 0;
	l->erased.kept = 0;
	row_marks_move(&l->marks, from, to, n);
}

void lines_watch(struct lines *l)
{
	const struct screen_watch w = { on_scrolled, on_erasing, on_switching, on_touched,
		on_moved, l };

	screen_watch(l->screen, &w);
}

int lines_init(struct lines *l, int screens,
    int (*line)(void *arg, const struct transcript_line *l), void *arg)
{
	int r;

	memset(l, 0, sizeof *l);
	l->chunk = -1;
	l->full.wanted = screens;
	line_join_init(&l->join, line, arg);
	l->text = malloc(SCREEN_TEXT_MAX(SCREEN_COLS_MAX));
	l->erased.text = malloc(SCREEN_TEXT_MAX(SCREEN_COLS_MAX));
	r = l->text != NULL && l->erased.text != NULL ? screen_new(&l->screen, FIRST_ROWS, FIRST_COLS) : -ENOMEM;
	if (r == 0)
		r = row_marks_init(&l->marks, FIRST_ROWS);
	if (r == 0)
		lines_watch(l);
	return r;
}

void lines_release(struct lines *l)
{
	screen_free(l->screen);
	quick_release(&l->quick);
	row_marks_release(&l->marks);
	line_join_release(&l->join);
	free(l->erased.text);
	free(l->text);
}

void lines_at(struct lines *l, uint64_t at_ns, int64_t chunk)
{
	if (l->alternate && at_ns - l->full.changed_ns >= FULL_SCREEN_STILL_NS)
		full_screen_look(&l->full, l->screen, l->text,
		    SCREEN_TEXT_MAX(screen_cols(l->screen)), &l->join);
	l->at_ns = at_ns;
	l->chunk = chunk;
}

int lines_put(struct lines *l, const void *p, size_t len)
{
	if (!l->quick.on)
		quick_begin(l);
	if (l->quick.on)
		quick_put(l, p, len);
	else
		screen_put(l->screen, p, len);
	return l->join.status;
}

/* The row behind the last line of the main screen that has something right of cols. */
static int cut_rows(const struct lines *l, int cols)
{
	int rows = screen_rows(l->screen), old = screen_cols(l->screen), row, wrapped, to = 0;

	for (row = 0; row < rows; row++) {
		const struct screen_cell *cells = screen_main_row(l->screen, row, &wrapped);

		if (!is_blank(cells + cols, old - cols))
			to = row + 1;
		if (to == row + 1 && wrapped && to < rows)
			to++;
	}
	return to;
}

/* A narrower window cuts rows off: what was read in them is given before. */
static void give_cut(struct lines *l, int cols)
{
	int row, wrapped, to;

	if (cols < 1 || cols >= screen_cols(l->screen) || (to = cut_rows(l, cols)) == 0)
		return;
	for (row = 0; row < to; row++) {
		const struct screen_cell *cells = screen_main_row(l->screen, row, &wrapped);

		give_row(l, cells, screen_cols(l->screen), wrapped, row);
	}
	line_join_end(&l->join);
}

int lines_resize(struct lines *l, int rows, int cols)
{
	int r;

	quick_end(l);
	give_cut(l, cols);
	r = screen_resize(l->screen, rows, cols);
	/* of the main screen, while the other is shown, nobody tells that they moved */
	if (l->scrolling > 0)
		row_marks_move(&l->marks, l->scrolling, l->marks.rows, -l->scrolling);
	l->scrolling = 0;
	if (r == 0)
		r = row_marks_resize(&l->marks, screen_rows(l->screen));
	full_screen_resize(&l->full);
	return r != 0 ? r : l->join.status;
}

int lines_note(struct lines *l, const char *text)
{
	struct row_marks *m = &l->marks;
	int col;

	if (l->alternate) {
		give_note(l, text, l->at_ns);
		return l->join.status;
	}
	if (m->notes == ROW_NOTES_MAX)
		give_notes(l, m->note[0].row);
	m->note[m->notes] = (struct row_note){ .row = lines_cursor_row(l, &col),
		.at_ns = l->at_ns, .chunk = l->chunk };
	snprintf(m->note[m->notes].text, sizeof m->note[0].text, "%s", text);
	m->notes++;
	return l->join.status;
}

int lines_end(struct lines *l)
{
	static const char leave[] = "\030\033[?1049l"; /* behind whatever sequence was cut */

	quick_end(l);
	if (l->alternate)
		screen_put(l->screen, leave, sizeof leave - 1);
	give_rows(l, screen_rows(l->screen));
	line_join_end(&l->join);
	give_notes(l, screen_rows(l->screen));
	return l->join.status;
}
