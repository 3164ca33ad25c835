/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_RECORD_H
#define SHELLAC_SESSION_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "sessions.h"

/* What was judged of one file, as a cache keeps it. */
#define SESSION_EXPECTED 16

struct session_record {
	struct session_name name;  /* of the file, its folder, and what the file was like */
	char day[STORE_DAY_MAX];
	struct store_state state;
	uint8_t expected[SESSION_EXPECTED]; /* digest of what the ledger says; zero: nothing */
	int base;                  /* level without a ledger */
	unsigned own;              /* findings without it; their first is then the row's */
	struct session_row row;    /* but for entry, as, commands */
};

/* The bytes of a record into a new buffer that the caller frees.  0 or -ENOMEM. */
int session_record_pack(uint8_t **out, size_t *len, const struct session_record *r);

/* Reads the record that b begins with; the row's strings point into b.  0; E_FORMAT or
 * E_SHORT: it is none. */
int session_record_unpack(struct session_record *r, struct rest *b);

#endif
