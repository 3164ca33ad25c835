/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_AUDITOR_TERMINAL_WORLD_H
#define SHELLAC_TESTS_AUDITOR_TERMINAL_WORLD_H

#include <string.h>

#include "../../auditor/screen/transcript.h"

/* Events of a session, handed to whoever takes them. */
struct feed {
	shown_fn *take;
	void *arg;
	struct shown_event x;
};

static inline int feed(struct feed *f, uint8_t type)
{
	int r;

	f->x.e.type = type;
	f->x.sealed = 1;
	r = f->take(f->arg, &f->x);
	f->x.e = (struct event){ 0 };
	f->x.at_ns += 1000000;
	f->x.chunk++;
	return r;
}

static inline int feed_window(struct feed *f, uint8_t type, uint16_t rows, uint16_t cols)
{
	f->x.e.window = (struct window){ .rows = rows, .cols = cols };
	return feed(f, type);
}

static inline int feed_bytes(struct feed *f, uint8_t type, const char *p, size_t len)
{
	f->x.e.data = (const uint8_t *)p;
	f->x.e.len = len;
	return feed(f, type);
}

static inline int feed_out(struct feed *f, const char *text)
{
	return feed_bytes(f, FRAME_OUTPUT, text, strlen(text));
}

static inline int feed_in(struct feed *f, const char *text)
{
	return feed_bytes(f, FRAME_INPUT, text, strlen(text));
}

#endif
