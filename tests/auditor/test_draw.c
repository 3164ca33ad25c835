/* SPDX-License-Identifier: ISC */
#include "replay/draw.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/suite.h"
#include "draw_check.h"
#include "escape.h"
#include "replay/view.h"

static struct draw d;
static struct sink out;
static struct screen *terminal; /* the auditor's */

static void open_terminal(int rows, int cols, enum draw_colours colours)
{
	ck_assert_int_eq(sink_init(&out, -1), 0);
	ck_assert_int_eq(draw_init(&d, &out, colours, rows, cols), 0);
	ck_assert_int_eq(screen_new(&terminal, rows, cols), 0);
	draw_enter(&d);
}

static void close_terminal(void)
{
	screen_free(terminal);
	draw_release(&d);
	sink_release(&out);
}

/* What was drawn reaches the terminal, after it was held against the allow-list. */
static void show(const struct view *v)
{
	draw_cells(&d, v->cells, v->row, v->col, v->visible);
	draw_check(out.buf, out.len);
	screen_put(terminal, out.buf, out.len);
	out.len = 0;
}

/* What turns text around is not drawn. */
static void same_cell(const struct screen_cell *a, const struct screen_cell *wanted)
{
	struct screen_cell drawn = *wanted, *b = &drawn;
	int i, n = 1;

	for (i = 1; i < SCREEN_RUNES; i++)
		if (b->rune[i] != 0 && escape_printable(b->rune[i]))
			b->rune[n++] = b->rune[i];
	for (; n < SCREEN_RUNES; n++)
		b->rune[n] = 0;
	if ((a->rune[0] == 0 || a->rune[0] == ' ') && (b->rune[0] == 0 || b->rune[0] == ' '))
		ck_assert(a->rune[1] == b->rune[1]);
	else
		ck_assert_mem_eq(a->rune, b->rune, sizeof a->rune);
	ck_assert_uint_eq(a->pen.fg, b->pen.fg);
	ck_assert_uint_eq(a->pen.bg, b->pen.bg);
	ck_assert_uint_eq(a->pen.attr & ~(unsigned)(SCREEN_CONCEAL | SCREEN_DIM),
	    b->pen.attr & ~(unsigned)(SCREEN_CONCEAL | SCREEN_DIM));
}

/* The terminal shows the view. */
static void shows(const struct view *v)
{
	int row, col, r, c, visible;

	for (row = 0; row < v->rows; row++)
		for (col = 0; col < v->cols; col++)
			same_cell(&screen_row(terminal, row)[col], &v->cells[row * v->cols + col]);
	screen_cursor(terminal, &r, &c, &visible);
	ck_assert_int_eq(visible, v->visible);
	if (visible)
		ck_assert(r == v->row && c == v->col);
}

static const char *const pieces[] = {
	"text ", "\r\n", "caf\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac", "e\xcc\x81", "\033[1;31m",
	"\033[7m", "\033[48;5;208m", "\033[38;2;1;2;3m", "\033[m", "\033[2J", "\033[H", "\033[10;10H",
	"\033[K", "\033[5P", "\033[3L", "\033[?25l", "\033[?25h", "\033[?1049h", "\033[?1049l",
	"\033[8mhidden", "\033]0;title\a", "\033[6n", "\033]52;c;AAAA\a", "\t", "\033M", "\033[3S",
	"\xf0\x9f\x98\x80", "\xe2\x80\xae", "\x9b", "\xff", "\033(0lqk\033(B", "\033[4mu", "\033[9ms",
};

static void put_some(struct screen *s, unsigned n)
{
	while (n-- > 0) {
		const char *p = pieces[(size_t)rand() % (sizeof pieces / sizeof pieces[0])];

		screen_put(s, p, strlen(p));
	}
}

/* Whatever was recorded, in a terminal of any size: what is drawn, difference by difference,
 * is what was to be seen. */
START_TEST(a_terminal_shows_what_was_recorded)
{
	static const int sizes[][2] = { { 25, 80 }, { 10, 40 }, { 60, 200 }, { 2, 8 } };
	struct screen *s;
	struct view v;
	int i;

	srand((unsigned)_i + 1);
	ck_assert_int_eq(screen_new(&s, 24, 80), 0);
	ck_assert_int_eq(view_init(&v, sizes[_i][0], sizes[_i][1]), 0);
	open_terminal(v.rows, v.cols, DRAW_RGB);
	for (i = 0; i < 400; i++) {
		put_some(s, 1 + (unsigned)i % 20);
		if (i % 50 == 49)
			ck_assert_int_eq(screen_resize(s, 5 + i % 41, 9 + i % 90), 0);
		view_compose(&v, s);
		view_text(&v, v.rows - 1, 0, " status \xc3\xa4 line ", SCREEN_REVERSE);
		show(&v);
		shows(&v);
	}
	close_terminal();
	view_release(&v);
	screen_free(s);
}
END_TEST

START_TEST(nothing_is_put_out_where_nothing_changed)
{
	struct screen *s;
	struct view v;

	ck_assert_int_eq(screen_new(&s, 24, 80), 0);
	ck_assert_int_eq(view_init(&v, 25, 80), 0);
	open_terminal(25, 80, DRAW_256);
	put_some(s, 100);
	view_compose(&v, s);
	show(&v);
	draw_cells(&d, v.cells, v.row, v.col, v.visible);
	ck_assert_uint_eq(out.len, 0);
	screen_put(s, "\033[?25h\033[m\033[H\033[2J", 17);
	view_compose(&v, s);
	show(&v);
	screen_put(s, "x", 1);
	view_compose(&v, s);
	draw_cells(&d, v.cells, v.row, v.col, v.visible);
	ck_assert_uint_eq(out.len, 1);
	close_terminal();
	view_release(&v);
	screen_free(s);
}
END_TEST

/* The view goes with the cursor until it is moved by hand. */
START_TEST(a_larger_screen_is_shown_in_part)
{
	struct screen *s;
	struct view v;

	ck_assert_int_eq(screen_new(&s, 50, 200), 0);
	ck_assert_int_eq(view_init(&v, 11, 40), 0);
	screen_put(s, "\033[45;150H*", 10);
	view_compose(&v, s);
	ck_assert_int_eq(v.visible, 1);
	ck_assert_uint_eq(v.cells[v.row * 40 + v.col - 1].rune[0], '*');
	ck_assert_int_eq(v.top, 35);
	ck_assert_int_eq(v.left, 111);
	view_pan(&v, s, -100, -100);
	view_compose(&v, s);
	ck_assert_int_eq(v.top, 0);
	ck_assert_int_eq(v.left, 11);
	ck_assert_int_eq(v.visible, 0);
	view_pan(&v, s, 1000, 1000);
	view_compose(&v, s);
	ck_assert_int_eq(v.top, 40);
	ck_assert_int_eq(v.left, 160);
	v.panned = 0;
	screen_put(s, "\033[H", 3);
	view_compose(&v, s);
	ck_assert(v.top == 0 && v.left == 0 && v.row == 0 && v.col == 0);
	view_release(&v);
	screen_free(s);
}
END_TEST

/* Colours as near as they can be had. */
START_TEST(colours_of_terminals)
{
	static const struct {
		enum draw_colours can;
		const char *want;
	} cases[] = {
		{ DRAW_RGB, "\033[0;38;2;255;0;0;48;5;208mx" },
		{ DRAW_256, "\033[0;38;5;196;48;5;208mx" },
		{ DRAW_16, "\033[0;91;43mx" },
		{ DRAW_MONO, "\033[0mx" },
	};
	struct screen *s;
	struct view v;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_int_eq(screen_new(&s, 1, 8), 0);
		ck_assert_int_eq(view_init(&v, 2, 8), 0);
		open_terminal(2, 8, cases[i].can);
		screen_put(s, "\033[38;2;255;0;0;48;5;208mx", 25);
		view_compose(&v, s);
		draw_cells(&d, v.cells, v.row, v.col, v.visible);
		sink_put(&out, "", 1);
		ck_assert_msg(strstr((char *)out.buf, cases[i].want + (cases[i].can == DRAW_MONO ? 4 : 0)) !=
		    NULL, "%s", (char *)out.buf + 1);
		close_terminal();
		view_release(&v);
		screen_free(s);
	}
	ck_assert_int_eq(draw_colours_of("xterm", NULL), DRAW_16);
	ck_assert_int_eq(draw_colours_of("xterm-256color", ""), DRAW_256);
	ck_assert_int_eq(draw_colours_of("tmux-256color", "truecolor"), DRAW_RGB);
	ck_assert_int_eq(draw_colours_of("vt100", NULL), DRAW_MONO);
	ck_assert_int_eq(draw_colours_of(NULL, NULL), DRAW_MONO);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("draw");

	tcase_add_loop_test(tc, a_terminal_shows_what_was_recorded, 0, 4);
	tcase_add_test(tc, nothing_is_put_out_where_nothing_changed);
	tcase_add_test(tc, a_larger_screen_is_shown_in_part);
	tcase_add_test(tc, colours_of_terminals);
	return suite_run_case("draw", tc);
}
