/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_PLACE_H
#define SHELLAC_INPUT_PLACE_H

#include <stdint.h>

#include "hash.h"

/*
 * How far a file was read: which file that is, whatever its name, and what stands before the
 * place, so that one that was cut and has grown again is not taken for the same.
 */
struct place {
	uint64_t dev, ino, offset;
	uint8_t digest[HASH_SIZE]; /* of up to PLACE_TAIL bytes before offset */
};

#define PLACE_TAIL 256

/* The place at offset of the open file.  0 or -errno. */
int place_of(struct place *p, int fd, uint64_t offset);

/* Is fd that file, with that before the place?  1, 0, or -errno. */
int place_is_in(const struct place *p, int fd);

/* In a file that is replaced at once, and synced.  load: 0, -ENOENT, E_FORMAT, -errno. */
int place_save(const struct place *p, const char *path);
int place_load(struct place *p, const char *path);

#endif
