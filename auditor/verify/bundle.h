/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BUNDLE_H
#define SHELLAC_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "verify/agree.h"
#include "host_chain.h"
#include "ledger_entry.h"
#include "tlog_proof.h"

/*
 * One session and what proves it, in one file: shellac-format(5), BUNDLE.
 */
#define BUNDLE_MAGIC "SHLB"
#define BUNDLE_VERSION 1
#define BUNDLE_HEADER 32

enum bundle_part { BUNDLE_OPEN, BUNDLE_CLOSE, BUNDLE_EPOCH, BUNDLE_PROOFS };

/* GENESIS and all KEYs, of a host that has had more than one key. */
#define BUNDLE_KEYS_MAX 64
#define BUNDLE_KEY_SIZE 4 /* bytes in front of the proof of each */

struct bundle_head {
	uint32_t proof[BUNDLE_PROOFS]; /* bytes; EPOCH's may be 0: there is none */
	uint32_t keys;                 /* bytes of their proofs, each with its size; 0: none */
	uint64_t session;              /* bytes */
};

/* Bytes in front of the session. */
uint64_t bundle_session_at(const struct bundle_head *h);

void bundle_head_put(uint8_t p[BUNDLE_HEADER], const struct bundle_head *h);
/* 0, E_FORMAT or E_RANGE. */
int bundle_head_parse(struct bundle_head *h, const uint8_t p[BUNDLE_HEADER]);

/* What the proofs of a bundle prove, once they are checked. */
struct bundle_claim {
	struct expect expect;
	uint8_t host_pk[PK_SIZE]; /* that certified the session */
	uint8_t host_id[ID_SIZE];
	struct checkpoint checkpoint;
	const char *raw;        /* the note, raw_len bytes in the proofs, and as it was read */
	size_t raw_len;
	struct note note;
	int have_epoch;
	uint64_t epoch;         /* leaf of the EPOCH behind CLOSE */
};

/* Checks the proofs, which stand one after the other at p.  host_pk: any key that the host
 * has or had, or without proofs of its keys the one; host_id may be NULL: not known.  0,
 * or a negative code: of their form, -ENOMEM, E_KEY or E_SIGNATURE (not signed by the
 * host's key), E_DIGEST (not in the tree), E_CHAIN (not of one session and one
 * checkpoint). */
int bundle_check(struct bundle_claim *c, const struct bundle_head *h, const uint8_t *p,
    const uint8_t host_pk[PK_SIZE], const uint8_t *host_id);

#endif
