/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_IDENTITY_H
#define SHELLAC_IDENTITY_H

#include "note.h"

/* The witness' own key: the secret half in a file of mode 0600, as lib/keys.h has
 * it, the verifier key that policies name in the same with ".pub" behind. */
struct identity {
	struct note_key key; /* NOTE_COSIGNATURE */
	uint8_t sk[SK_SIZE];
};

/* Makes one; never replaces one (-EEXIST).  0, -errno or E_FORMAT (the name). */
int identity_make(struct identity *id, const char *path, const char *name);

/* 0, -errno, or E_KEY: unsafe mode, malformed, or halves of two keys. */
int identity_load(struct identity *id, const char *path);

/* The name of a host's witness where none is given. */
void identity_default_name(char out[NOTE_NAME_MAX + 1]);

#endif
