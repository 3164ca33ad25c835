/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_FILE_H
#define SHELLAC_SESSION_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "chain.h"
#include "container.h"

/* A session file read as events, with the chain checked underway.  Shared by
 * all who show or judge recordings, so that nobody shows what nobody checked. */

struct finding {
	int code;            /* negative code of err.h */
	int64_t chunk;       /* the chunk it is about, -1 where none can be told */
	uint64_t offset;     /* in the file, bytes */
	const char *kind;    /* short word: "signature", "chain", "digest", "totals",
	                      * "format", "container", "torn", "io"; callers add theirs:
	                      * "unsealed", "cut", ... */
	char text[160];
};

struct session_file {
	struct chain chain;
	struct container *container;
	const uint8_t *run;       /* current run of plain bytes */
	size_t run_len, run_pos;
	uint64_t run_off;         /* its offset in the file */
	uint64_t frame_off;       /* in the file, of the frame given last; in a container of
	                           * its segment */
	int purged;               /* chain.purged, and: */
	struct purged was;
	struct finding finding;   /* valid when session_file_next() failed */
};

/* fd stays the caller's.  0, -errno or a negative code with s->finding set;
 * release either way. */
int session_file_open(struct session_file *s, int fd);
void session_file_release(struct session_file *s);

/* Next frame: 1 and *f (and *e for events), 0 at the end of the file, negative
 * with s->finding: malformed, torn or failed check; nothing follows then.  f and
 * e are good until the next call.  host_pk may be NULL (nothing is then
 * certified).  Whether the end is a good one (END, a SEAL, unsealed events, an
 * empty file) is the caller's to say, from s->chain. */
int session_file_next(struct session_file *s, const uint8_t *host_pk, struct frame *f,
    struct event *e);

/* A place behind a SEAL, or the beginning: what is read again from there is checked
 * against what was checked up to there. */
struct session_mark {
	struct chain chain;
	struct container_mark at;
};

/* Where s is, between two chunks. */
void session_file_mark(const struct session_file *s, struct session_mark *m);

/* Goes back, or forth, to a mark of the same file; a failure that was met is forgotten. */
void session_file_seek(struct session_file *s, const struct session_mark *m);

#endif
