/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_CURSOR_H
#define SHELLAC_FORWARD_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"

/*
 * What the fleet store has of a host's store.  It costs time to lose it, and nothing else:
 * what is sent again is dropped there.
 *
 *   shellac-forward 1
 *   host <host id>
 *   store <which fleet store>
 *   ledger <offset>
 *   process <number of the segment> <offset in it>
 *   below <n>               all sessions with a smaller number are there
 *   done <n>-<n>            and these
 *   at <n> <chunk> <offset> and so much of this one
 *   end
 */
#define CURSOR_STORE_MAX 64
#define CURSOR_TEXT_MAX (16 << 20)

enum cursor_what { CURSOR_SESSION, CURSOR_PROCESS, CURSOR_LEDGER };

/* Where something goes on. */
struct cursor_mark {
	enum cursor_what what;
	int done;              /* the session: there is no more of it */
	uint64_t n, seq, off;  /* session, chunk, offset in the stream; segment, -, offset */
};

struct cursor {
	uint8_t host[ID_SIZE];
	char store[CURSOR_STORE_MAX];
	uint64_t ledger, segment, slot;
	uint64_t below;
	struct cursor_mark *at; /* sessions from below on, in order of n */
	size_t used, room;
};

void cursor_init(struct cursor *c, const uint8_t host[ID_SIZE], const char *store);
void cursor_free(struct cursor *c);

/* 0 or -ENOMEM. */
int cursor_apply(struct cursor *c, const struct cursor_mark *m);

/* Of the session: 1 and *m where something is known of it; m->done. */
int cursor_session(const struct cursor *c, uint64_t n, struct cursor_mark *m);

/* The fleet store does not have these sessions, in order of their numbers, whatever was noted:
 * they are to be sent from their start.  0; -ENOMEM or E_RANGE, and nothing has changed. */
int cursor_lacks(struct cursor *c, const uint64_t *n, size_t count);
/* Nor more than so many bytes of the ledger, and of the segments up to this one, 0 for none,
 * so many bytes.  1 where that is less than was noted, else 0. */
int cursor_shorten(struct cursor *c, uint64_t ledger, uint64_t segment, uint64_t length);

/* Reads the text above, nothing else: 0 and *c, which was not initialised; E_FORMAT,
 * E_RANGE, -ENOMEM. */
int cursor_parse(struct cursor *c, const char *text, size_t len);
/* A new string *out of *len bytes that the caller frees.  0 or -ENOMEM. */
int cursor_format(const struct cursor *c, char **out, size_t *len);

#endif
