/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SIGN_OFF_H
#define SHELLAC_SIGN_OFF_H

#include "auditor.h"
#include "verify/judge.h"
#include "review_note.h"

/* A sign-off on its way to the ledger. */
struct sign_off {
	struct review_note note;
	char text[REVIEW_NOTE_MAX + 1]; /* the signed note, len bytes and a zero */
	size_t len;
};

/* Signs what is thought of session e, which was judged as v, with the secret key of the file
 * key_path.  An exit status, with a message. */
int sign_off_make(struct sign_off *s, const struct store_session *e, const struct verdict *v,
    enum review_verdict verdict, const char *text, const char *key_path);

/* Reads one from a file, "-" for standard input.  As above. */
int sign_off_read(struct sign_off *s, const char *path);

/* Writes it to a file that is not there yet, or to standard output ("-"), as above. */
int sign_off_write(const struct sign_off *s, const char *path);

/* Hands it to the collector of the open store.  As above; says which leaf it got. */
int sign_off_submit(const struct sign_off *s, struct auditor *a, const struct store_session *e);

/* Why this text can be in none, or NULL. */
const char *sign_off_text_wrong(const char *text);

#endif
