/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PURGE_LEAVE_H
#define SHELLAC_PURGE_LEAVE_H

#include "approval.h"
#include "hash.h"
#include "store.h"

/* An auditor's leave to purge sessions: the note, and what it says. */
struct purge_leave {
	struct approval approval;
	uint8_t digest[HASH_SIZE]; /* of the note, as PURGE has it */
	char note[NOTE_MAX];
	size_t len;                /* 0: none was given, and none is wanted */
	char why[160];             /* it is none */
};

#define PURGE_LEAVE_DIR "approval"

/* From base64, or "", by the approvers of this file, "" for none.  NULL, or why that is no
 * leave: static text, or in *l. */
const char *purge_leave_read(struct purge_leave *l, const char *approvers, const char *base64);

/* Keeps the note below PURGE_LEAVE_DIR of the store under its digest, on disk when this
 * returns.  0 or -errno. */
int purge_leave_keep(const struct store *s, const struct purge_leave *l);

#endif
