/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../auditor/screen/screen.h"
#include "../lib/suite.h"

static struct screen *make(int rows, int cols)
{
	struct screen *s;

	ck_assert_int_eq(screen_new(&s, rows, cols), 0);
	return s;
}

static void put(struct screen *s, const char *text)
{
	screen_put(s, text, strlen(text));
}

static const char *row(const struct screen *s, int at)
{
	static char text[SCREEN_TEXT_MAX(200)];

	screen_text(screen_row(s, at), screen_cols(s), text, sizeof text);
	return text;
}

static void expect_cursor(const struct screen *s, int row_wanted, int col_wanted)
{
	int r, c, visible;

	screen_cursor(s, &r, &c, &visible);
	ck_assert_int_eq(r, row_wanted);
	ck_assert_int_eq(c, col_wanted);
}

/* What is fed to a screen of 5 rows and 10 columns, and its rows then. */
static const struct {
	const char *in, *row[5];
} shown[] = {
	{ "one\r\ntwo", { "one", "two" } },
	{ "0123456789ab", { "0123456789", "ab" } },
	{ "0123456789\rx", { "x123456789" } },
	{ "a\r\nb\r\nc\r\nd\r\ne\r\nf", { "b", "c", "d", "e", "f" } },
	{ "abc\b\bX\033[KY", { "aXY" } },
	{ "abcdef\033[3D\033[2PX", { "abcX" } },
	{ "abcdef\033[4D\033[2@X", { "abX cdef" } },
	{ "abcdef\033[1;3H\033[2X", { "ab  ef" } },
	{ "a\tb", { "a       b" } },
	/* UTF-8: wide, combining, cut, invalid, C1 */
	{ "\xe4\xb8\xad|", { "\xe4\xb8\xad|" } },
	{ "12345678\xe4\xb8\xadx", { "12345678\xe4\xb8\xad", "x" } },
	{ "123456789\xe4\xb8\xadx", { "123456789", "\xe4\xb8\xadx" } },
	{ "\xe4\xb8\xad\033[1;2HX", { " X" } },
	{ "e\xcc\x81x", { "e\xcc\x81x" } },
	{ "012345678e\xcc\x81", { "012345678e\xcc\x81" } },
	{ "\xcc\x81x", { "x" } },
	{ "a\xffz\xc3", { "a\xef\xbf\xbdz" } },
	{ "a\xc2\x9b""1mb", { "a1mb" } },
	{ "a\xe2\x80\xae""b", { "a\\xe2\\x80\\xaeb" } },
	/* repetition; without a character before, none */
	{ "ab\033[3bc", { "abbbbc" } },
	{ "\033[5bx", { "x" } },
	{ "ab\033[99bc", { "abbbbbbbbb", "c" } },
	/* line drawing, saved with the cursor */
	{ "\033(0qx\0337\033(B\r\nq\0338q", { "\xe2\x94\x80\xe2\x94\x82\xe2\x94\x80", "q" } },
	{ "\033)0\x0eq\x0fq", { "\xe2\x94\x80q" } },
	/* cursor saved and back */
	{ "ab\033[scd\r\nef\033[uX", { "abXd", "ef" } },
	/* a region, and moves that stop at its edge */
	{ "1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[4;1H\nX\033[99AY\033[99BZ",
		{ "1", "3Y", "4", "X Z", "5" } },
	{ "\033[2;4r\033[?6h\033[1;1HX\033[?6lY", { "Y", "X" } },
	{ "1\r\n2\r\n3\033[2;1H\033[LX", { "1", "X", "2", "3" } },
	{ "1\r\n2\r\n3\033[1;1H\033[M", { "2", "3" } },
	{ "1\r\n2\r\n3\033[S\033[TX", { "", "2", "3X" } },
	{ "1\033[5;1H\n\033[1;1H\033MX", { "X" } },
	/* insert mode, no wrap */
	{ "abc\r\033[4hXY\033[4lZ", { "XYZbc" } },
	{ "\033[?7l0123456789ab", { "012345678b" } },
	/* the alternate screen begins blank and brings the main one back as it was */
	{ "one\033[?1049h\033[Htwo\033[?1049lX", { "oneX" } },
	{ "one\033[?1049h\033[Htwo", { "two" } },
	{ "one\033[?47htwo\033[?47l", { "one" } },
	{ "one\033[?1;1049;25htwo", { "   two" } },
	/* strings, titles and queries show nothing */
	{ "a\033]0;title\ab\033]52;c;eA==\033\\c\033Pq\033\\d\033[c\033[6n\033[18te", { "abcde" } },
	{ "a\033kname\033\\b", { "ab" } },
	{ "abc\033cX", { "X" } },
	{ "a\033[31;1mb\033[38;5mc\033[38;2;1md\033[48:2::1:2:3me", { "abcde" } },
};

START_TEST(test_shown)
{
	size_t i, at;
	int r;

	for (i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		struct screen *whole = make(5, 10), *cut = make(5, 10);

		put(whole, shown[i].in);
		for (at = 0; shown[i].in[at] != '\0'; at++)
			screen_put(cut, shown[i].in + at, 1);
		for (r = 0; r < 5; r++) {
			const char *wanted = shown[i].row[r] != NULL ? shown[i].row[r] : "";

			ck_assert_msg(strcmp(row(whole, r), wanted) == 0, "%zu, row %d: %s", i, r,
			    row(whole, r));
			ck_assert_msg(strcmp(row(cut, r), wanted) == 0, "%zu cut, row %d: %s", i,
			    r, row(cut, r));
		}
		screen_free(whole);
		screen_free(cut);
	}
}
END_TEST

START_TEST(test_pens)
{
	struct screen *s = make(2, 20);
	const struct screen_cell *c;

	put(s, "\033[1;2;31;48;5;200ma\033[22;39;49;4:3mb\033[0;97;38:2::1:2:3;107mc\033[4:0;8;9md"
	    "\033[mx\033[58;5;1;7my\033[41m\033[K");
	c = screen_row(s, 0);
	ck_assert_uint_eq(c[0].pen.fg, SCREEN_INDEX | 1);
	ck_assert_uint_eq(c[0].pen.bg, SCREEN_INDEX | 200);
	ck_assert_uint_eq(c[0].pen.attr, SCREEN_BOLD | SCREEN_DIM);
	ck_assert_uint_eq(c[1].pen.fg, SCREEN_DEFAULT);
	ck_assert_uint_eq(c[1].pen.bg, SCREEN_DEFAULT);
	ck_assert_uint_eq(c[1].pen.attr, SCREEN_UNDERLINE);
	ck_assert_uint_eq(c[2].pen.fg, SCREEN_RGB | 0x010203);
	ck_assert_uint_eq(c[2].pen.bg, SCREEN_INDEX | 15);
	ck_assert_uint_eq(c[3].pen.attr, SCREEN_CONCEAL | SCREEN_STRIKE);
	ck_assert_uint_eq(c[4].pen.attr, 0);
	ck_assert_uint_eq(c[5].pen.attr, SCREEN_REVERSE);
	ck_assert_uint_eq(c[6].pen.bg, SCREEN_INDEX | 1);
	ck_assert_uint_eq(c[19].pen.bg, SCREEN_INDEX | 1);
	ck_assert_uint_eq(c[19].rune[0], 0);
	screen_free(s);
}
END_TEST

/* What a screen told, a word for each. */
struct told {
	char text[512];
};

__attribute__((format(printf, 2, 3)))
static void tell(struct told *t, const char *format, ...)
{
	size_t len = strlen(t->text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->text + len, sizeof t->text - len, format, ap);
	va_end(ap);
}

static void on_scrolled(void *arg, const struct screen_cell *cells, int cols, int wrapped)
{
	char text[SCREEN_TEXT_MAX(20)];
	struct told *t = arg;

	screen_text(cells, cols, text, sizeof text);
	tell(t, "scrolled(%s,%d) ", text, wrapped);
}

static void on_erasing(void *arg, int from, int to)
{
	tell(arg, "erasing(%d,%d) ", from, to);
}

static void on_switching(void *arg, int alternate)
{
	tell(arg, "switching(%d) ", alternate);
}

static void on_touched(void *arg, int r)
{
	tell(arg, "touched(%d) ", r);
}

static void on_moved(void *arg, int from, int to, int n)
{
	tell(arg, "moved(%d,%d,%d) ", from, to, n);
}

static void expect_told(const char *before, const char *in, const char *wanted)
{
	struct told t = { "" };
	struct screen_watch w = { on_scrolled, on_erasing, on_switching, on_touched, on_moved, &t };
	struct screen *s = make(3, 10);

	put(s, before);
	screen_watch(s, &w);
	put(s, in);
	ck_assert_str_eq(t.text, wanted);
	screen_free(s);
}

START_TEST(test_told)
{
	expect_told("", "ab", "touched(0) ");
	expect_told("a\r\nb\r\nc", "\r\nd", "scrolled(a,0) moved(1,3,-1) touched(2) ");
	expect_told("a\r\nb\r\n0123456789", "x", "scrolled(a,0) moved(1,3,-1) touched(2) ");
	expect_told("0123456789ab\r\n", "\r\n", "scrolled(0123456789,1) moved(1,3,-1) ");
	expect_told("a", "\033[2J", "erasing(0,3) ");
	expect_told("a", "\r\033[K", "erasing(0,1) ");
	expect_told("a", "\033[K", "");
	expect_told("a", "\033[?1049h", "switching(1) ");
	expect_told("\033[?1049h", "\033[?1049l", "switching(0) ");
	expect_told("a\r\nb\r\nc\033[?1049h", "\n", "erasing(0,1) moved(1,3,-1) ");
	expect_told("a\033[H", "\033[M", "erasing(0,1) moved(1,3,-1) ");
	expect_told("a\033[H", "\033[L", "erasing(2,3) moved(0,2,1) ");
	expect_told("\033[2;3r\033[3;1H", "\n", "erasing(1,2) moved(2,3,-1) ");
}
END_TEST

START_TEST(test_wrapped)
{
	struct screen *s = make(3, 10);

	put(s, "0123456789ab\r\n0123456789\r\n");
	ck_assert_int_eq(screen_wrapped(s, 0), 0); /* the first row has gone */
	put(s, "\033[H\033[J0123456789ab\033[3;1H0123456789\r");
	ck_assert_int_eq(screen_wrapped(s, 0), 1);
	ck_assert_int_eq(screen_wrapped(s, 1), 0);
	ck_assert_int_eq(screen_wrapped(s, 2), 0);
	put(s, "\033[H0123456789\r\n");
	ck_assert_int_eq(screen_wrapped(s, 0), 0);
	screen_free(s);
	s = make(1, 3);
	put(s, "abcdefgh");
	ck_assert_str_eq(row(s, 0), "gh");
	screen_free(s);
}
END_TEST

START_TEST(test_resize)
{
	struct told t = { "" };
	struct screen_watch w = { .scrolled = on_scrolled, .erasing = on_erasing, .arg = &t };
	struct screen *s = make(4, 10);

	put(s, "one\r\ntwo\r\nthree\033[2;3r\033[3;4H");
	screen_watch(s, &w);
	ck_assert_int_eq(screen_resize(s, 2, 4), 0);
	ck_assert_str_eq(t.text, "erasing(3,4) scrolled(one,0) ");
	ck_assert_str_eq(row(s, 0), "two");
	ck_assert_str_eq(row(s, 1), "thre");
	expect_cursor(s, 1, 3);
	ck_assert_int_eq(screen_resize(s, 70000, 70000), 0);
	ck_assert_int_eq(screen_rows(s), SCREEN_ROWS_MAX);
	ck_assert_int_eq(screen_cols(s), SCREEN_COLS_MAX);
	ck_assert_str_eq(row(s, 1), "thre");
	put(s, "\033[999;999Hx\0337");
	ck_assert_int_eq(screen_resize(s, 0, -1), 0);
	ck_assert_int_eq(screen_rows(s), 1);
	ck_assert_int_eq(screen_cols(s), 1);
	put(s, "\0338\xe4\xb8\xad\xe4\xb8\xad\tab\033[5b\033[L\033[M\033M");
	screen_free(s);
}
END_TEST

/* A repeatable stream of what terminals are sent, good and bad. */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static size_t random_piece(uint32_t *state, char *out, size_t size)
{
	static const char *const fixed[] = { "\r\n", "\n", "\b", "\t", "\r", "\0337", "\0338", "\033c",
		"\033M", "\033D", "\033E", "\033H", "\033(0", "\033(B", "\x0e", "\x0f", "\033)0",
		"\033[?1049h", "\033[?1049l", "\033[?47h", "\033[?47l", "\033[?6h", "\033[?6l",
		"\033[?7l", "\033[?7h", "\033[4h", "\033[4l", "\xe4\xb8\xad", "\xcc\x81",
		"\xe2\x80\x8d", "\xf0\x9f\x98\x80", "\xff", "\xe4\xb8", "\033]0;x\a", "\033[!p",
		"hello, world ", "\033[?25l", "\033[20h", "\033[20l" };
	uint32_t n = next(state);

	if (n % 3 == 0)
		return (size_t)snprintf(out, size, "%s", fixed[n / 3 % (sizeof fixed / sizeof fixed[0])]);
	if (n % 3 == 1)
		return (size_t)snprintf(out, size, "\033[%u;%u%c", n / 3 % 30, n / 90 % 90,
		    "@ABCDEFGHIJKLMPSTXZ`abdefghjklmrsu"[n / 9000 % 34]);
	return (size_t)snprintf(out, size, "%.*s", (int)(n / 3 % 40),
	    "The quick brown fox jumps over the lazy dog");
}

static void same(const struct screen *a, const struct screen *b)
{
	int ra, ca, va, rb, cb, vb, i;

	ck_assert_int_eq(screen_rows(a), screen_rows(b));
	ck_assert_int_eq(screen_cols(a), screen_cols(b));
	ck_assert_int_eq(screen_alternate(a), screen_alternate(b));
	screen_cursor(a, &ra, &ca, &va);
	screen_cursor(b, &rb, &cb, &vb);
	ck_assert(ra == rb && ca == cb && va == vb);
	for (i = 0; i < screen_rows(a); i++) {
		ck_assert_int_eq(screen_wrapped(a, i), screen_wrapped(b, i));
		ck_assert_mem_eq(screen_row(a, i), screen_row(b, i),
		    (size_t)screen_cols(a) * sizeof(struct screen_cell));
	}
}

/* Feeds the stream of a seed; at step `save` takes *shot, unless NULL.  Cuts anywhere. */
static void feed(struct screen *s, uint32_t seed, int from, int to)
{
	uint32_t state = seed;
	char piece[128];
	size_t len, cut;
	int i;

	for (i = 0; i < to; i++) {
		uint32_t n = next(&state);

		len = random_piece(&state, piece, sizeof piece);
		cut = n % (len + 1);
		if (i >= from && n % 97 == 0)
			screen_resize(s, (int)(n / 97 % 40), (int)(n / 4000 % 100));
		if (i > from)
			screen_put(s, piece, cut);
		if (i >= from && i < to - 1)
			screen_put(s, piece + cut, len - cut);
	}
}

/* Saved anywhere, gone on with in another way and brought back, a screen goes on as one does
 * that never stopped. */
START_TEST(test_shots)
{
	uint32_t seed;

	for (seed = 1; seed < 300; seed++) {
		struct screen *straight = make(24, 80), *back = make(24, 80);
		int at = (int)(seed * 7 % 200) + 2;
		struct screen_shot *x;

		feed(straight, seed, 0, at);
		feed(back, seed, 0, at);
		same(straight, back);
		x = screen_save(back);
		ck_assert_ptr_nonnull(x);
		feed(back, seed + 1000, 0, 150);
		ck_assert_int_eq(screen_restore(back, x), 0);
		same(straight, back);
		feed(straight, seed, at - 1, at + 150);
		feed(back, seed, at - 1, at + 150);
		same(straight, back);
		ck_assert_int_eq(screen_restore(back, x), 0);
		feed(back, seed, at - 1, at + 150);
		same(straight, back);
		screen_shot_free(x);
		screen_free(straight);
		screen_free(back);
	}
}
END_TEST

START_TEST(test_shot_is_small)
{
	struct screen *s = make(24, 80);
	struct screen_shot *x;
	int i;

	for (i = 0; i < 24; i++)
		put(s, "drwxr-xr-x 2 root root 4096 Nov 22 02:35 \033[01;34mdirectory\033[0m\r\n");
	x = screen_save(s);
	ck_assert_ptr_nonnull(x);
	ck_assert_uint_lt(screen_shot_size(x), 4096);
	screen_shot_free(x);
	screen_free(s);
}
END_TEST

/* No character makes two of one cell, or stops the next from showing. */
START_TEST(test_every_character)
{
	struct screen *s = make(1, 10);
	uint32_t cp;

	for (cp = 0x20; cp < 0x110000; cp++) {
		char text[16];
		size_t n = 0;

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		text[n++] = '\r';
		text[n++] = 'a';
		if (cp >= 0x10000) {
			text[n++] = (char)(0xf0 | cp >> 18);
			text[n++] = (char)(0x80 | (cp >> 12 & 63));
		} else if (cp >= 0x800) {
			text[n++] = (char)(0xe0 | cp >> 12);
		} else if (cp >= 0x80) {
			text[n++] = (char)(0xc0 | cp >> 6);
		}
		if (cp >= 0x800)
			text[n++] = (char)(0x80 | (cp >> 6 & 63));
		text[n++] = (char)(cp < 0x80 ? cp : 0x80 | (cp & 63));
		text[n++] = 'z';
		screen_put(s, text, n);
		if (cp >= 0xa0 || cp < 0x7f) {
			const struct screen_cell *c = screen_row(s, 0);
			int at = c[0].rune[1] == cp ? 1 : c[2].rune[0] == SCREEN_WIDE ? 3 : 2;

			ck_assert_msg(c[0].rune[0] == 'a' && (at == 1 || c[1].rune[0] == cp), "U+%04X",
			    cp);
			ck_assert_msg(c[at].rune[0] == 'z', "z after U+%04X", cp);
		}
	}
	screen_free(s);
}
END_TEST

/* What a hostile recording costs stays bounded: combining characters, long strings, all of
 * the largest window erased again and again. */
START_TEST(test_hostile)
{
	struct screen *s = make(65535, 65535);
	int i;

	for (i = 0; i < 300000; i++)
		put(s, "\xcc\x81");
	put(s, "\033]52;c;");
	for (i = 0; i < 300000; i++)
		put(s, "AAAAAAAA");
	put(s, "\033\\");
	for (i = 0; i < 50000; i++)
		put(s, "\033[41mx\033[2J\033[500L\033[500S\033[500T");
	for (i = 0; i < 50000; i++)
		put(s, "\033[9999b\033[9999@\033[9999P\033[9999X\033[99999999999999999999A\033[0;0r");
	screen_free(s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { test_shown, test_pens, test_told, test_wrapped, test_resize,
		test_shots, test_shot_is_small, test_every_character, test_hostile };

	return suite_run("screen", tests, sizeof tests / sizeof tests[0]);
}
