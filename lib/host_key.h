/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HOST_KEY_H
#define SHELLAC_HOST_KEY_H

#include <stdint.h>

#include "seal.h"

/*
 * The file host.key, shellac-format(5), KEYS.  A host that had one key only has its
 * seed in the first of two places.  While that key is replaced its successor stands in
 * the other, and which of both counts the ledger says; then the one that does not is
 * overwritten in place.
 */
#define HOST_KEY_PLACES 2

struct host_key {
	uint8_t first_pk[PK_SIZE]; /* which the host's id is made of */
	struct host_key_place {
		int there;
		uint8_t sk[SK_SIZE], pk[PK_SIZE];
	} place[HOST_KEY_PLACES];  /* one is there, or both */
	int has_first;             /* first_pk stands in the file */
};

/* Reads the file fd, which must be one as key_secret_check() wants it.  What is in a
 * place but no key was about to get or to lose one.  0, -errno, E_KEY: it has none.  Wipe
 * *k with sodium_memzero() after use. */
int host_key_read(struct host_key *k, int fd);

/* The same of the file at path, which may be no link. */
int host_key_load(struct host_key *k, const char *path);

/* Makes a new key in place i, where none is, and writes it to fd, on disk when this
 * returns.  0 or -errno: there is none. */
int host_key_make(struct host_key *k, int fd, unsigned i);

/* Overwrites the key in place i, in fd and in memory, where the other one is there.  0 or
 * -errno: it may be gone from the disk, and is not from memory. */
int host_key_wipe(struct host_key *k, int fd, unsigned i);

#endif
