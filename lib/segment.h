/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEGMENT_H
#define SHELLAC_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "container.h"
#include "zframe.h"

/* What packing and reading a container share: shellac-format(5), CONTAINER. */

#define CONTAINER_HEADER 24
#define CONTAINER_ENTRY 24
#define CONTAINER_TRAILER 32
#define CONTAINER_MAGIC "SHLZ"
#define CONTAINER_VERSION 1
#define CONTAINER_CODEC_ZSTD 1
#define PURGED_START "SHLZ\1\2\0" /* and its own zero: codec 2, the payload was deleted */
#define SEGMENT_PACKED_MAX (CONTAINER_SEGMENT_MAX + ZFRAME_OVERHEAD)
#define SEGMENT_DIGEST 16

struct segment {
	uint32_t packed, plain; /* lengths */
	uint8_t digest[SEGMENT_DIGEST];
};

/* An entry of the table: CONTAINER_ENTRY bytes. */
void segment_put(uint8_t *p, const struct segment *s);
void segment_get(const uint8_t *p, struct segment *s);

/* The lengths of the packed bytes at p.  0, or E_FORMAT/E_SHORT/E_RANGE when they are
 * not one allowed zstd frame. */
int segment_lengths(struct segment *s, const uint8_t *p, size_t len);
/* The same, and their digest. */
int segment_describe(struct segment *s, const uint8_t *p, size_t len);

/* Bytes of whole, well-formed frames at p, at most up to and with the first SEAL
 * if to_seal is set (*sealed tells whether one ended them). */
size_t segment_frames(const uint8_t *p, size_t len, int to_seal, int *sealed);

#endif
