/* SPDX-License-Identifier: ISC */
#include "mutate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"

#define STEPS 6 /* changes to one seed, at most */
#define PIECE 64

struct work {
	uint64_t state;
	uint8_t p[MUTATE_MAX];
	size_t len;
};

static volatile unsigned long long current;

int mutate_add(struct mutate_seeds *s, uint8_t *p, size_t len)
{
	int r = array_room(&s->seed, s->count, &s->room, sizeof *s->seed);

	if (r == 0)
		s->seed[s->count++] = (struct mutate_seed){ p, len };
	return r;
}

void mutate_release(struct mutate_seeds *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->seed[i].p);
	free(s->seed);
}

/* splitmix64: neighbouring numbers of runs give sequences that have nothing in common */
static uint64_t any(struct work *w)
{
	uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(struct work *w, size_t limit)
{
	return limit > 0 ? any(w) % limit : 0;
}

static void take_out(struct work *w)
{
	size_t at = below(w, w->len), n = 1 + below(w, PIECE);

	if (n > w->len - at)
		n = w->len - at;
	memmove(w->p + at, w->p + at + n, w->len - at - n);
	w->len -= n;
}

/* At some place: n bytes of q, or as many as there is room for. */
static void put_in(struct work *w, const uint8_t *q, size_t n)
{
	size_t at = below(w, w->len + 1);

	if (n > MUTATE_MAX - w->len)
		n = MUTATE_MAX - w->len;
	memmove(w->p + at + n, w->p + at, w->len - at);
	memcpy(w->p + at, q, n);
	w->len += n;
}

static void put_bytes(struct work *w)
{
	uint8_t q[PIECE];
	size_t n = 1 + below(w, PIECE), i;

	for (i = 0; i < n; i++)
		q[i] = (uint8_t)any(w);
	put_in(w, q, n);
}

static void put_piece(struct work *w, const struct mutate_seed *s)
{
	size_t at = below(w, s->len), n = 1 + below(w, 4 * PIECE);
	uint8_t q[4 * PIECE];

	if (n > s->len - at)
		n = s->len - at;
	memcpy(q, s->p + at, n);
	put_in(w, q, n);
}

/* Bytes that terminals and lengths take for something. */
static void put_special(struct work *w)
{
	static const uint8_t special[] = { 0, 1, 0x07, 0x08, 0x0a, 0x0d, 0x1b, '[', ']', ';', '?',
		'm', 'h', 'H', 'J', 'P', '\\', 0x7f, 0x80, 0x90, 0x9b, 0x9d, 0xc2, 0xe2, 0xf0, 0xff };

	if (w->len > 0)
		w->p[below(w, w->len)] = special[below(w, sizeof special)];
}

static void change(struct work *w, const struct mutate_seeds *s)
{
	switch (below(w, 7)) {
	case 0: take_out(w); break;
	case 1: put_bytes(w); break;
	case 2: put_piece(w, &s->seed[below(w, s->count)]); break;
	case 3: w->len = below(w, w->len + 1); break;
	case 4: put_special(w); break;
	case 5:
		if (w->len > 0)
			w->p[below(w, w->len)] ^= (uint8_t)(1u << below(w, 8));
		break;
	default:
		if (w->len > 0)
			w->p[below(w, w->len)] = (uint8_t)any(w);
	}
}

static void mutate(struct work *w, const struct mutate_seeds *s, uint64_t run)
{
	const struct mutate_seed *from;
	size_t i, steps;

	w->state = run * UINT64_C(0xd1342543de82ef95);
	from = &s->seed[below(w, s->count)];
	w->len = from->len < MUTATE_MAX ? from->len : MUTATE_MAX;
	memcpy(w->p, from->p, w->len);
	steps = 1 + below(w, STEPS);
	for (i = 0; i < steps; i++)
		change(w, s);
}

/* Only what a signal handler may call. */
static void say_run(int sig)
{
	char text[64] = "in run ", *p = text + sizeof text;
	unsigned long long n = current;

	*--p = '\n';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	if (write(STDERR_FILENO, text, strlen(text)) < 0 ||
	    write(STDERR_FILENO, p, (size_t)(text + sizeof text - p)) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

int mutate_run(const struct mutate_seeds *s, const char *what,
    void (*feed)(const uint8_t *p, size_t len))
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM };
	static struct work w;
	unsigned long long runs, first = 0;
	size_t i;

	if (sscanf(what, "%llu,%llu", &runs, &first) < 1 || s->count == 0) {
		fprintf(stderr, "%s: number of runs, and seeds\n", what);
		return 1;
	}
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], say_run);
	for (current = first; current < first + runs; current++) {
		alarm(MUTATE_S);
		mutate(&w, s, current);
		feed(w.p, w.len);
	}
	alarm(0);
	printf("%llu runs of %zu seeds\n", runs, s->count);
	return 0;
}
