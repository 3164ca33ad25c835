/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ZFRAME_H
#define SHELLAC_ZFRAME_H

#include <stddef.h>
#include <stdint.h>

/* The only zstd frame (RFC 8878) that shellac-format(5), CONTAINER, allows: one
 * segment, its size in the shortest field, one block, nothing else. */

#define ZFRAME_MIN 10      /* bytes of the shortest */
#define ZFRAME_OVERHEAD 12 /* most bytes that one is longer than its content */

struct zframe {
	uint32_t size;  /* of the frame */
	uint32_t plain; /* of its content */
};

/* Reads the head of the frame at p.  0; E_SHORT when the len bytes are the start
 * of a head, E_FORMAT when they are not.  The block's inside is not looked at, and
 * the frame may be longer than len. */
int zframe_parse(const uint8_t *p, size_t len, struct zframe *z);

#endif
