/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHUNKS_H
#define SHELLAC_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"
#include "session_file.h"
#include "verify/shown.h"

/* The seals of a session that were verified, by their digests: whoever reads a chunk again
 * compares instead of verifying its signature once more. */
#define SEEN_DIGEST 16
#define SEEN_MAX (1u << 22) /* chunks; later ones are verified each time */

struct seen {
	uint8_t (*digest)[SEEN_DIGEST];
	size_t chunks, room;
};

void seen_release(struct seen *s);

/* Is this code about what is in a file, and so for its verdict to say?  Else it could not be
 * read. */
int chunks_is_finding(int r);

/*
 * Reads a session's file a chunk at a time, from any mark, and gives the events of a chunk
 * once its seal has verified.
 */
struct chunks {
	struct session_file file;
	struct seen *seen;
	struct session_mark border; /* behind the last chunk that was loaded with its seal */
	int tail;           /* the caller's: events that no seal covers are loaded, too */
	int sealed;         /* the loaded one is; else it is such a tail */
	int64_t chunk;      /* its number */
	uint64_t begin_ns, end_ns; /* its part of the session; begin is the end before */
	int64_t wall_ns;    /* wall clock at end_ns */
	int error;          /* that was met, 0 for none */
	uint64_t at_ns, frame; /* of the event that is given next, without its own dt */
	size_t len, pos;
	uint8_t payload[CHUNK_PAYLOAD_MAX];
};

/* fd and seen stay the caller's.  0, -errno, or a code with file.finding: then
 * nothing can be loaded.  Release it either way. */
int chunks_open(struct chunks *c, int fd, struct seen *seen);
void chunks_release(struct chunks *c);

/* Loads the next chunk: 1; 0 where there is no more, for now; -errno, or the code of what
 * is wrong behind the last one, which is then in file.finding. */
int chunks_load(struct chunks *c);

/* The loaded chunk's next event; good until chunks_load().  1 or 0. */
int chunks_next(struct chunks *c, struct shown_event *x);

/* Goes to a border: chunks_load() gives the chunk behind it. */
void chunks_seek(struct chunks *c, const struct session_mark *m);

/* The wall clock at a time in the session, near the loaded chunk. */
int64_t chunks_wall(const struct chunks *c, uint64_t at_ns);

#endif
