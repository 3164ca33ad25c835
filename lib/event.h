/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENT_H
#define SHELLAC_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* shellac-format(5), EVENTS */
#define EVENT_SALT 16
/* most bytes of OUTPUT or INPUT that fit one frame whatever dt and age are */
#define EVENT_DATA_MAX (FRAME_BODY_MAX - 18)

struct window {
	uint16_t rows, cols, xpixel, ypixel;
};

enum event_mark { MARK_FROZEN = 1, MARK_HELD = 2, MARK_LATE = 3 };
enum event_meta {
	META_ARGV = 1,
	META_TERM = 2,
	META_PROGRAM = 3,
	META_SURVIVORS = 4,
	META_CUT = 5,
	META_INPUT = 6,
};

struct event {
	uint8_t type;           /* FRAME_BEGIN .. FRAME_META */
	uint64_t dt;            /* ns since the event before */
	uint64_t age;           /* INPUT, HIDDEN: ns */
	uint64_t value;         /* HIDDEN: n; MARK: value */
	uint8_t kind;           /* SIGNAL: signal; MARK: kind; META: key */
	struct window window;   /* BEGIN, WINDOW */
	const uint8_t *salt;    /* BEGIN: EVENT_SALT bytes */
	const uint8_t *data;    /* OUTPUT, INPUT, META */
	size_t len;             /* of data */
};

/* Reads the body of an event frame; pointers of *e point into it.  0, or
 * E_FORMAT, E_RANGE or E_SHORT. */
int event_parse(const struct frame *f, struct event *e);

/* Writes the body of e to p (room for FRAME_BODY_MAX bytes) except the data
 * itself, so that the data need not be copied: the body is the returned bytes
 * followed by e->data.  e->len is at most EVENT_DATA_MAX. */
size_t event_put(uint8_t *p, const struct event *e);

#endif
