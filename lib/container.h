/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONTAINER_H
#define SHELLAC_CONTAINER_H

#include <stddef.h>
#include <stdint.h>

/* shellac-format(5), CONTAINER */
#define CONTAINER_SEGMENT_MAX 131072

/* Packs the plain session file on fd_in (from its offset 0) into fd_out (empty,
 * at offset 0).  Does not sync.  Holds one segment and 24 bytes a segment.  0,
 * -errno, or E_FORMAT/E_RANGE/E_SHORT when the input is not a stream of whole
 * frames, one at least. */
int container_pack(int fd_in, int fd_out);

/*
 * Reads a session file, plain or packed, segment by segment.
 */
struct container;

/* Takes over nothing: fd stays the caller's and must outlive the reader; it is
 * read with pread(2).  Returns 0 and *out, -errno, or a negative code for a
 * file whose container is malformed (then *where is the offset in the file).  Where
 * one segment alone is to blame it is container_next() that says so.  An empty
 * file is a plain one. */
int container_open(struct container **out, int fd, uint64_t *where);
void container_free(struct container *c);

int container_packed(const struct container *c);

/* A session whose payload was deleted: its CERT and SEAL frames alone. */
struct purged {
	uint64_t length; /* of the stream before, bytes */
	int64_t wall_ns; /* when, by the collector's clock */
};

#define PURGED_HEADER 8
#define PURGED_TRAILER 48

/* 1 and *p for such a file, else 0. */
int container_purged(const struct container *c, struct purged *p);

/* What the payload was. */
struct purge_count {
	uint8_t id[16];           /* of the session */
	uint64_t n, chunks;
	uint64_t bytes;           /* that go: of payloads and unsealed frames */
	int64_t end_ns;           /* wall clock of the last seal, of CERT where there is none */
};

/* Writes the session file on fd_in, plain or packed, without its payload to fd_out
 * (empty, at offset 0), everything checked on the way but the host's signature.
 * Does not sync.  0 and *count; 1 when it has none any more; -errno, or a negative
 * code for a file that is not right, or is torn. */
int container_purge(int fd_in, int fd_out, int64_t wall_ns, struct purge_count *count);

/* How many segments of a packed file container_next() gave: after it failed, the
 * number of the segment that is to blame. */
uint32_t container_given(const struct container *c);

/* Next run of plain bytes: 1 and *p, *len (valid until the next call), 0 at the
 * end, or a negative code with *where, the offset in the file.  A packed file
 * gives one segment a call, digest, encoding and borders checked; a plain one gives
 * runs of whole frames where it can, and the rest of a torn or malformed tail as it
 * is.  *file_off: where the run starts in the file; for a packed file that of its
 * packed segment. */
int container_next(struct container *c, const uint8_t **p, size_t *len, uint64_t *file_off,
    uint64_t *where);

/* A place to go on reading from: the border behind a run, or for a plain file any other
 * between two frames. */
struct container_mark {
	uint64_t off;   /* in the file */
	uint32_t given; /* segments before it; 0 in a plain file */
};

/* The border that container_next() goes on from. */
struct container_mark container_tell(const struct container *c);
/* m: as container_tell() of this reader said it; of a plain file, where off may be moved
 * to any frame. */
void container_seek(struct container *c, const struct container_mark *m);

#endif
