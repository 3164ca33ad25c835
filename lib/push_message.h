/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PUSH_MESSAGE_H
#define SHELLAC_PUSH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "note.h"
#include "witness_policy.h"

/*
 * What the collector and its pusher tell each other over a socket of type
 * SOCK_SEQPACKET: a byte that says what it is, and
 *
 *   PUSH_POLICY      to the pusher, once and first: the policy's text
 *   PUSH_CHECKPOINT  to the pusher: the host's newest note
 *   PUSH_COSIGNED    a note with cosignatures, a quorum of them
 *   PUSH_WITNESS     how one witness is doing, struct push_witness
 */
enum push_type {
	PUSH_POLICY = 1,
	PUSH_CHECKPOINT = 2,
	PUSH_COSIGNED = 3,
	PUSH_WITNESS = 4,
};

#define PUSH_MAX (1 + POLICY_FILE_MAX)

/* The descriptors that the pusher starts with. */
#define PUSH_FD_SOCKET 3
#define PUSH_FD_LOG 4    /* of the ledger, to read */
#define PUSH_FD_HASHES 5

enum push_state {
	PUSH_NEW,      /* it was not asked yet */
	PUSH_FINE,     /* it cosigned what it got last */
	PUSH_AWAY,     /* no answer, or none that makes sense */
	PUSH_REFUSED,  /* it does not know this log or its key */
	PUSH_BROKEN,   /* the ledger has no proof of its own checkpoint */
	PUSH_ROLLBACK, /* it cosigned more of this ledger than there is */
	PUSH_FORK,     /* it cosigned another ledger of the same name */
	PUSH_STATES,
};

#define PUSH_TEXT_MAX 160

struct push_witness {
	uint8_t index;    /* in the policy */
	uint8_t state;    /* enum push_state */
	uint64_t size;    /* of the newest checkpoint of ours that it cosigned; 0 none */
	uint64_t time_s;  /* when, by its clock */
	char text[PUSH_TEXT_MAX + 1]; /* of the last error; hostile */
};

#define PUSH_WITNESS_MAX (1 + 2 + 16 + PUSH_TEXT_MAX)

/* The whole message; its length. */
size_t push_witness_put(uint8_t p[PUSH_WITNESS_MAX], const struct push_witness *w);
/* Of a message of this type.  0 or E_FORMAT. */
int push_witness_parse(struct push_witness *w, const uint8_t *p, size_t len);

/* "fine", ... */
const char *push_state_word(unsigned state);

#endif
