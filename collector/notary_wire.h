/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTARY_WIRE_H
#define SHELLAC_NOTARY_WIRE_H

#include "frame.h"
#include "note.h"
#include "seal.h"

/*
 * Between collector and notary, one record of a SOCK_SEQPACKET pair each.  A question
 * is a byte, its verb, and a body; an answer a status (i32, 0 or a negative code) and,
 * with 0, a body of the verb's length:
 *
 *   CERT        a certificate's body without its signature -> signature (64)
 *   ENTRY       a ledger's entry -> public key of the next epoch, or of KEY the host's
 *               next one (32), signature (64), of KEY another one (64)
 *   EPOCH_KEY   public key of the epoch (32) -> none
 *   CHECKPOINT  size (u64), root (32) -> the note
 *   HOST_KEY    public key of the host (32) -> none
 *
 * Before the first question the notary says how it began: status, then, whatever that
 * is, step (u8, where it failed), made (u8, the host key is new), unfiltered (i32, why
 * no filter of system calls is set, or 0), the host's first public key (32).
 */
enum notary_verb {
	NOTARY_CERT = 1,
	NOTARY_ENTRY = 2,
	NOTARY_EPOCH_KEY = 3,
	NOTARY_CHECKPOINT = 4,
	NOTARY_HOST_KEY = 5,
};

enum notary_step { NOTARY_STEP_START, NOTARY_STEP_HOST, NOTARY_STEP_EPOCH };

#define NOTARY_QUESTION_MAX (1 + FRAME_BODY_MAX)
#define NOTARY_STATUS 4
#define NOTARY_ANSWER_MAX (NOTARY_STATUS + NOTE_MAX)
#define NOTARY_HELLO (NOTARY_STATUS + 1 + 1 + 4 + PK_SIZE)
#define NOTARY_STATE (8 + 32) /* body of CHECKPOINT */

#endif
