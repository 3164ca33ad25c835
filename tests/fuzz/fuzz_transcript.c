/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/screen/transcript_internal.h"
#include "../../auditor/output/sink.h"
#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Input is output, but for what stands behind 0xff: a window, keys, time, hidden keys. */
#define OTHER 0xff

struct seen {
	uint64_t now_ns;
	struct sink all;
};

/* Only what may stand on a terminal as it is. */
static int check(void *arg, const struct transcript_line *l)
{
	struct seen *s = arg;
	const uint8_t *p = (const uint8_t *)l->text, *end = p + l->len;
	uint32_t cp;
	int n;

	assert(l->typed == TRANSCRIPT_NOT_TYPED || l->typed <= l->len);
	assert(l->at_ns <= s->now_ns);
	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		assert(n > 0 && escape_printable(cp));
	}
	sink_put(&s->all, &l->kind, sizeof l->kind);
	sink_put(&s->all, &l->at_ns, sizeof l->at_ns);
	sink_put(&s->all, &l->typed, sizeof l->typed);
	sink_put(&s->all, l->text, l->len);
	sink_put(&s->all, "\n", 1);
	return 0;
}

static size_t other(struct shown_event *x, const uint8_t *p, size_t len)
{
	static const uint8_t types[] = { FRAME_WINDOW, FRAME_INPUT, FRAME_HIDDEN, FRAME_MARK };
	size_t n;

	if (len < 4)
		return 0;
	x->e.type = types[p[1] % sizeof types];
	n = p[2] < len - 3 ? p[2] : len - 3;
	x->at_ns += (uint64_t)p[2] * 20000000;
	switch (x->e.type) {
	case FRAME_WINDOW:
		x->e.window = (struct window){ .rows = p[2] % 40, .cols = p[3] };
		return 4;
	case FRAME_INPUT:
		x->e.data = p + 3;
		x->e.len = n;
		x->e.age = (uint64_t)p[3] * 1000;
		return 3 + n;
	case FRAME_MARK:
		x->e.kind = (uint8_t)(1 + p[3] % 3);
		x->e.value = p[2];
		return 4;
	default:
		x->e.value = p[2];
		return 4;
	}
}

static void run(struct seen *seen, const uint8_t *p, size_t len, int pure)
{
	const uint8_t *end = p + len, *to;
	struct shown_event x = { .e = { .type = FRAME_BEGIN, .window = { 8, 20, 0, 0 } } };
	struct transcript *t;
	size_t n;

	if (transcript_new(&t, 1, check, seen) != 0)
		return;
	if (pure)
		transcript_pure(t);
	while (p <= end) {
		seen->now_ns = x.at_ns;
		assert(transcript_event(t, &x) == 0);
		x.e = (struct event){ .type = FRAME_OUTPUT };
		if (p == end)
			break;
		if (*p == OTHER && (n = other(&x, p, (size_t)(end - p))) > 0) {
			p += n;
			continue;
		}
		to = memchr(p + 1, OTHER, (size_t)(end - p - 1));
		x.e.data = p;
		x.e.len = (size_t)((to != NULL ? to : end) - p);
		p += x.e.len;
		x.at_ns += 1000000;
	}
	assert(transcript_end(t) == 0);
	transcript_free(t);
}

/* What is done quickly must give the same lines as the emulated screen. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct seen quick = { .now_ns = 0 }, pure = { .now_ns = 0 };

	if (sink_init(&quick.all, -1) != 0)
		return 0;
	if (sink_init(&pure.all, -1) == 0) {
		run(&quick, p, len, 0);
		run(&pure, p, len, 1);
		assert(quick.all.len == pure.all.len &&
		    memcmp(quick.all.buf, pure.all.buf, pure.all.len) == 0);
		sink_release(&pure.all);
	}
	sink_release(&quick.all);
	return 0;
}
