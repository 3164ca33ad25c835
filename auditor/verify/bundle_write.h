/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BUNDLE_WRITE_H
#define SHELLAC_BUNDLE_WRITE_H

#include "verify/bundle.h"
#include "verify/evidence.h"
#include "ledger/ledger_tree.h"

/* What a bundle is made of. */
struct bundle_sources {
	struct evidence *evidence;
	struct expect expect;     /* of the session; its CLOSE is under a checkpoint */
	int fd;                   /* its file; closed by bundle_sources_free() */
	const struct pin *pin;    /* the checkpoint: a witnessed one where it covers CLOSE */
	struct ledger_tree tree;
	struct ledger_leaf leaf[BUNDLE_PROOFS + BUNDLE_KEYS_MAX]; /* index NO_LEAF: there is none */
	size_t keys;              /* leaves behind those of the proofs */
};

/* Fills in pin, tree and leaves from the ledger.  0 or a negative code; free it either
 * way. */
int bundle_sources_read(struct bundle_sources *b);
void bundle_sources_free(struct bundle_sources *b);

/* Writes the bundle to fd.  0 or a negative code. */
int bundle_write(struct bundle_sources *b, int fd);

#endif
