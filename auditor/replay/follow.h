/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FOLLOW_H
#define SHELLAC_FOLLOW_H

#include <stdint.h>

#include "replay/chunks.h"
#include "store/store.h"

/* A session that goes on while it is played. */
#define FOLLOW_LOOK_NS UINT64_C(250000000)

struct follow {
	int on;             /* it goes on, as far as is known */
	struct chunks *in[2]; /* who reads it */
	uint64_t looked_ns; /* monotonic: when its file was looked at, */
	uint64_t grown_ns;  /* when it had grown, */
	uint64_t asked_ns;  /* and its store was asked */
	int64_t size;
};

/* Both readers, of which other may be NULL, give sealed chunks alone until the end. */
void follow_begin(struct follow *f, struct chunks *in, struct chunks *other);

/* At the end of what is there: has the file grown, or has the session ended?  Looks at the
 * file four times a second at most, and asks the store where it stands still for longer than
 * a session's heart takes to beat.  With its end f->on goes to 0, and what no seal covers is
 * given, too.  1 where there may be more to read, else 0. */
int follow_look(struct follow *f, int fd, const struct store *s, struct store_session *e);

#endif
