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

/* What somebody has to say. */
struct sign_off_word {
	enum review_verdict verdict;
	const char *text;     /* that sign_off_text_wrong() takes */
	const char *key_path; /* of their secret key */
};

/* Signs what is thought of session e, which was judged as v.  An exit status, with a
 * message. */
int sign_off_make(struct sign_off *s, const struct store_session *e, const struct verdict *v,
    const struct sign_off_word *word);
/* The same of an entry of the ledger. */
int sign_off_make_entry(struct sign_off *s, uint64_t entry, const uint8_t leaf[MERKLE_HASH],
    const struct sign_off_word *word);

/* Reads one from a file, "-" for standard input.  As above. */
int sign_off_read(struct sign_off *s, const char *path);

/* Writes it to a file that is not there yet, or to standard output ("-"), as above. */
int sign_off_write(struct sign_off *s, const char *path);

/* Hands it to the collector of the open store; e: the session, NULL where it is about an
 * entry.  As above; says which leaf it got. */
int sign_off_submit(const struct sign_off *s, struct auditor *a, const struct store_session *e);

/* Why this text can be in none, or NULL. */
const char *sign_off_text_wrong(const char *text);

#endif
