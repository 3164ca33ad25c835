/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_PIECES_H
#define SHELLAC_FORWARD_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "container.h"
#include "seal.h"

/*
 * A session's file as pieces of its frame stream: each up to and with a SEAL.  Of one that
 * has ended the rest, which no SEAL covers or is not well-formed, is cut into pieces of
 * PIECE_MAX bytes, so that all of it arrives as it is.
 */
#define PIECE_MAX CONTAINER_SEGMENT_MAX

struct piece {
	const uint8_t *p;
	size_t len;
	uint64_t seq, off;  /* number, and its place in the stream */
	int sealed;
	struct seal seal;   /* that ends it */
};

struct pieces {
	int fd, final;
	struct container *container; /* NULL: a stream as it is */
	int purged;
	struct purged was;
	uint64_t seq, off;  /* of the next one */
	int raw;            /* from here on nothing is looked at */
	uint8_t *buf;       /* of a stream: have bytes from off on, at pos */
	size_t pos, have;
	int ended;          /* the file's end is in buf */
};

/* From piece seq on, which begins at off.  fd stays the caller's.  final: the session has
 * ended.  0, -errno, or as container_open().  Release it either way. */
int pieces_open(struct pieces *p, int fd, int final, uint64_t seq, uint64_t off);
void pieces_release(struct pieces *p);

/* The next one, valid until the next call: 1; 0: there is none (yet); -errno, or as
 * container_next(). */
int pieces_next(struct pieces *p, struct piece *out);

#endif
