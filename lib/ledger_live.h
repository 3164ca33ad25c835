/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_LIVE_H
#define SHELLAC_LEDGER_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/*
 * The sessions that a ledger has opened and not closed, in order of their number.
 * All zero is an empty one.  It takes memory for those that are open, no more than
 * twice that.
 */
struct ledger_live {
	struct ledger_session {
		uint64_t n;
		uint8_t id[ID_SIZE];
		uint8_t open;      /* 0: closed since, to be passed over */
	} *row;
	size_t used, room;         /* rows, with those that are closed */
	size_t open;
};

/* n is larger than any before.  0 or -ENOMEM. */
int ledger_live_add(struct ledger_live *l, uint64_t n, const uint8_t id[ID_SIZE]);

/* The open session of that number, until the next change; NULL if there is none. */
struct ledger_session *ledger_live_find(const struct ledger_live *l, uint64_t n);

/* Closes s, which ledger_live_find() gave. */
void ledger_live_close(struct ledger_live *l, struct ledger_session *s);

/* Empties it. */
void ledger_live_free(struct ledger_live *l);

#endif
