/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JOIN_MAP_H
#define SHELLAC_JOIN_MAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * Number to number, open addressing.  Keys are process ids and session numbers,
 * never 0.  A zeroed struct is an empty map.
 */
struct join_map {
	uint64_t *key;
	uint32_t *val;
	size_t cap; /* a power of two, or 0 */
	size_t used;
};

/* 0 or -ENOMEM; the map is then as before. */
int join_map_set(struct join_map *m, uint64_t key, uint32_t val);

/* 1 and *val, or 0. */
int join_map_get(const struct join_map *m, uint64_t key, uint32_t *val);

void join_map_del(struct join_map *m, uint64_t key);

/* Empties it; keeps the memory. */
void join_map_clear(struct join_map *m);

/* Frees the memory; the map is empty and can be used again. */
void join_map_release(struct join_map *m);

#endif
