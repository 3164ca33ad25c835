/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PUSHER_INTERNAL_H
#define SHELLAC_PUSHER_INTERNAL_H

#include <sys/types.h>

#include "checkpoint_watch.h"
#include "push_message.h"
#include "pusher.h"

struct pusher {
	struct collector *c;
	struct checkpoint_watch *watch;
	struct witness_policy *policy; /* NULL: none */
	char *text;                    /* its text, len bytes */
	size_t len;
	int said;                      /* the ledger knows that there is one */
	char note[NOTE_MAX];           /* the newest checkpoint */
	size_t note_len;
	struct push_witness witness[POLICY_WITNESSES_MAX];
	uint64_t cosigned;             /* size of ledger/cosigned, 0 none */
	unsigned cosigners;            /* signatures on it */

	int sock;                      /* to the child that runs; -1 */
	pid_t pid;
	struct source source;
	struct timer again;
	unsigned delay_ms;
	uint64_t started_ns;
	uint8_t in[PUSH_MAX];
};

/* Takes one message, hostile, of len bytes. */
void pusher_hear(struct pusher *p, const uint8_t *message, size_t len);

/* What ledger/cosigned says at the start. */
void pusher_load_cosigned(struct pusher *p);

/* Starts the child.  0 or -errno. */
int pusher_spawn(struct pusher *p);

#endif
