/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PIN_H
#define SHELLAC_PIN_H

#include <stddef.h>

#include "checkpoint.h"
#include "host_chain.h"
#include "store/store.h"

/*
 * A checkpoint that a ledger is held against: the store's own, the one with the
 * witnesses' cosignatures, or one that somebody kept.
 */
struct pin {
	char *text;          /* the note, NULL where there is none */
	size_t len;
	struct note note;    /* points into text */
	struct checkpoint at;
	int error;           /* of reading it, 0 for none */
	int reached;         /* the ledger had at.size leaves, with this root: */
	uint8_t root[MERKLE_HASH];
};

enum pin_fit {
	PIN_NONE,    /* it is not there */
	PIN_WRONG,   /* unreadable, or not signed by the host */
	PIN_FITS,    /* the ledger begins with its tree */
	PIN_AHEAD,   /* it has more leaves than the ledger */
	PIN_FORKS,   /* as many leaves of the ledger give another root */
};

/* Reads the note from the file name below dirfd.  What cannot be read or is no
 * checkpoint is in p->error; a file that is not there is none.  Release it. */
void pin_load(struct pin *p, int dirfd, const char *name);

/* The same from a file of a store. */
void pin_load_store(struct pin *p, const struct store *s, const char *path);
void pin_release(struct pin *p);

/* The ledger's tree, as it grows: at each size from 0 on. */
void pin_tree(struct pin *p, const struct merkle *t);

/* Once the ledger has been read: its host signs as the log of that name, with these
 * keys. */
enum pin_fit pin_fit(const struct pin *p, const char *origin, const struct host_chain *keys);

#endif
