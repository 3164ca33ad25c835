/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTARY_KEYS_H
#define SHELLAC_NOTARY_KEYS_H

#include <stdint.h>

#include "host_key.h"
#include "seal.h"

/*
 * The keys of a host: its own, and those of the epochs, shellac-format(5), KEYS.
 * epoch.key has two places.  The key in use is in one; the next is made ready in the
 * other, so that all that an epoch's end needs is to overwrite the first.
 */
#define NOTARY_EPOCH_FILE "epoch.key" /* in the store */

struct epoch_key {
	uint64_t order;   /* the lower one is in use; 0: none is here */
	uint8_t sk[SK_SIZE], pk[PK_SIZE];
};

struct notary_keys {
	struct host_key host;
	int settled;      /* it is known which of the host's keys is in use: */
	unsigned host_used;
	int host_fd;      /* of host.key */
	struct epoch_key epoch[2];
	unsigned used;    /* which of them is in use, if it is there */
	int fd;           /* of epoch.key */
};

/* Opens and reads host.key, which is made where there is none: *made is then 1.  0,
 * -errno, E_KEY. */
int notary_host_keys(struct notary_keys *k, const char *path, int *made);

/* The host's key in use; NULL while the ledger has not said which of two it is. */
const struct host_key_place *notary_host_used(const struct notary_keys *k);

/* The ledger says that it is the one with this public key: the other one, if there is
 * one, is wiped, on disk and in memory.  0, E_KEY (it is not here) or -errno. */
int notary_host_settle(struct notary_keys *k, const uint8_t pk[PK_SIZE]);

/* The one that is to follow, made and on disk.  0, E_KEY (none is in use) or -errno. */
int notary_host_next(struct notary_keys *k, const struct host_key_place **next);

/* Opens epoch.key, made without a key where there is none, and reads what it has.  0,
 * -errno, E_KEY for a file that is malformed as a whole or of unsafe owner or mode. */
int notary_epoch_keys(struct notary_keys *k, int store_dir);

/* The key in use; NULL without one. */
const struct epoch_key *notary_key_used(const struct notary_keys *k);

/* Is the next one there, and of this public key? */
int notary_key_is_next(const struct notary_keys *k, const uint8_t pk[PK_SIZE]);

/* The next one, made and on disk.  0 or -errno. */
int notary_key_next(struct notary_keys *k, const struct epoch_key **next);

/* The key in use is wiped, on disk and in memory, and the next one is in use.  0 or
 * -errno: then it may be gone from the disk, and is not from memory. */
int notary_key_advance(struct notary_keys *k);

#endif
