/* SPDX-License-Identifier: ISC */
/* Emulated bytes a second: the auditor's screen beside libvterm's own, in turns, in one run.
 * Usage: screenbench [rounds].  One line a load: name, both in MB/s of CPU time (the median of
 * the rounds), and the median of the rounds' ratios. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vterm.h>

#include "screen/screen.h"

#define ROWS 24
#define COLS 80
#define LOAD (4u << 20)
#define ROUNDS_MAX 101

struct text {
	char *p;
	size_t len;
};

static uint32_t next_random(void)
{
	static uint32_t state = 0x5eed5eedU;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* a directory in colours, as ls -l --color writes it */
static int listing_piece(char *out, size_t size)
{
	uint32_t n = next_random();

	return snprintf(out, size,
	    "-rw-r--r-- 1 root root %7u Nov 22 02:%02u \033[0m\033[01;%um%.*s-%u\033[0m\r\n",
	    n % 9999999, n % 60, 31 + n % 6, (int)(n / 60 % 20), "some-file-of-this-folder", n);
}

static int plain_piece(char *out, size_t size)
{
	uint32_t n = next_random();

	return snprintf(out, size, "%.*s\r\n", (int)(n % 79 + 1),
	    "the line of a log that is as long as chance will have it, one after the other, to the end");
}

/* a full-screen program that draws anew: every row addressed, in reverse here and there */
static int redraw_piece(char *out, size_t size)
{
	uint32_t n = next_random();

	return snprintf(out, size, "\033[%u;1H\033[%um%5u root 20 0 %8u %6u %c %4u.%u\033[m\033[K",
	    n % ROWS + 1, n % 5 == 0 ? 7 : 39, n % 32768, n / 3, n / 7 % 999999,
	    (char)('A' + n % 26), n % 100, n % 10);
}

static int unicode_piece(char *out, size_t size)
{
	return snprintf(out, size, "\xe2\x94\x82 \xc3\xa4\xc3\xb6\xc3\xbc %u \xe6\x97\xa5\xe6\x9c\xac "
	    "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80 e\xcc\x81 \xe2\x94\x82\r\n", next_random());
}

static struct text make(int (*piece)(char *, size_t))
{
	struct text t = { malloc(LOAD + 512), 0 };

	if (t.p == NULL)
		abort();
	while (t.len < LOAD)
		t.len += (size_t)piece(t.p + t.len, 256);
	return t;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define PIECE 4096 /* what a recording hands over at once */

static double run_vterm(const struct text *t)
{
	VTerm *vt = vterm_new(ROWS, COLS);
	VTermScreen *s = vterm_obtain_screen(vt);
	double begin;
	size_t at, n;

	vterm_set_utf8(vt, 1);
	vterm_screen_enable_altscreen(s, 1);
	vterm_screen_set_damage_merge(s, VTERM_DAMAGE_SCROLL);
	vterm_screen_reset(s, 1);
	begin = now();
	for (at = 0; at < t->len; at += n) {
		n = t->len - at < PIECE ? t->len - at : PIECE;
		vterm_input_write(vt, t->p + at, n);
	}
	vterm_screen_flush_damage(s);
	begin = now() - begin;
	vterm_free(vt);
	return begin;
}

static double run_screen(const struct text *t)
{
	struct screen *s;
	double begin;
	size_t at, n;

	if (screen_new(&s, ROWS, COLS) != 0)
		abort();
	begin = now();
	for (at = 0; at < t->len; at += n) {
		n = t->len - at < PIECE ? t->len - at : PIECE;
		screen_put(s, t->p + at, n);
	}
	begin = now() - begin;
	screen_free(s);
	return begin;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *x, int count)
{
	qsort(x, (size_t)count, sizeof *x, by_size);
	return x[count / 2];
}

static void bench(const char *name, int (*piece)(char *, size_t), int rounds)
{
	double vterm[ROUNDS_MAX], screen[ROUNDS_MAX], ratio[ROUNDS_MAX];
	struct text t = make(piece);
	int i;

	for (i = 0; i < rounds; i++) {
		vterm[i] = run_vterm(&t);
		screen[i] = run_screen(&t);
		ratio[i] = vterm[i] / screen[i];
	}
	printf("%-10s screen %6.1f MB/s   libvterm %6.1f MB/s   ratio %5.2f\n", name,
	    (double)t.len / 1e6 / median(screen, rounds),
	    (double)t.len / 1e6 / median(vterm, rounds), median(ratio, rounds));
	free(t.p);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 9;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: screenbench [rounds]\n", stderr);
		return 2;
	}
	bench("listing", listing_piece, rounds);
	bench("plain", plain_piece, rounds);
	bench("redraw", redraw_piece, rounds);
	bench("unicode", unicode_piece, rounds);
	return 0;
}
