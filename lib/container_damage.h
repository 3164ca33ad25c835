/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONTAINER_DAMAGE_H
#define SHELLAC_CONTAINER_DAMAGE_H

#include <stdint.h>

#include "segment.h"

/* The table of a container, checked, and what is to blame where it is not right.
 * Nothing is kept in memory but what is given here; the file is read again. */

struct layout {
	int fd;
	uint8_t header[CONTAINER_HEADER];
	uint64_t size;     /* of the file */
	uint64_t length;   /* of the stream, as the header says */
	uint32_t segments; /* 1 or more */
};

/* Where the table begins, and entry i of it; meaningful once the table fits. */
uint64_t layout_table(const struct layout *l);
uint64_t layout_entry(const struct layout *l, uint32_t i);

/* 0, -errno or E_SHORT. */
int layout_read_entry(const struct layout *l, uint32_t i, struct segment *s);

/* 1 if a segment at offset pos, with these lengths, is allowed and ends before
 * the table. */
int layout_fits(const struct layout *l, uint64_t pos, const struct segment *s);

/* Checks room, digest and sums of the table.  buf: room for SEGMENT_PACKED_MAX.
 * 0, -errno, E_SHORT (no room), E_DIGEST, E_RANGE (sums) with *where. */
int layout_check(const struct layout *l, uint8_t *buf, uint64_t *where);

struct damage {
	int code;         /* E_DIGEST: the entry; E_SHORT: the file ends in the segment */
	uint32_t segment;
	uint64_t where;
};

/* After layout_check() failed with E_SHORT or E_DIGEST.  0 and *d when exactly one
 * segment is to blame: all other entries fit their segments and this one, made
 * anew, makes the digest right; or the file ends inside this segment.  Else
 * -errno or the code of layout_check() again, with *where. */
int damage_find(const struct layout *l, uint8_t *buf, struct damage *d, uint64_t *where);

#endif
