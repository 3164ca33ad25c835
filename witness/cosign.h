/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COSIGN_H
#define SHELLAC_COSIGN_H

#include "answer.h"
#include "identity.h"
#include "logs.h"

/* What a witness does, by C2SP tlog-witness.  Any thread may call these; requests of
 * one log wait for each other. */
struct witness {
	struct identity identity;
	struct logs logs;
};

/* add-checkpoint: body is the request's.  A cosignature leaves only when the state
 * that it speaks of is on disk. */
void cosign_add(struct witness *w, const char *body, size_t len, struct answer *a);

/* The newest cosigned checkpoint of the log with this file name, "/HEX/checkpoint". */
void cosign_show(struct witness *w, const char *file, struct answer *a);

#endif
