/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_NOTE_H
#define SHELLAC_REVIEW_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "ledger_entry.h"
#include "note.h"
#include "note_text.h"

/*
 * That somebody looked at a session and what they think of it, shellac-format(5),
 * "Sign-offs": a note that names the session, how far it was read, and the key that
 * signed it.  Or at an entry of the ledger, such as a terminal that nobody recorded.
 */
enum review_verdict {
	REVIEW_OK = 1,
	REVIEW_CONCERN,
	REVIEW_VIOLATION,
	REVIEW_UNREADABLE,
};

#define REVIEW_TEXT_MAX 2000
#define REVIEW_NOTE_MAX 4096 /* bytes of a whole note; longer ones are E_RANGE */
#define REVIEW_DIR "review"  /* below a store: N-DIGEST.note */
#define REVIEW_NAME_MAX 96

struct review_note {
	uint64_t n;              /* 1 to 2^63 - 1; 0: it is about an entry */
	uint8_t id[ID_SIZE];     /* of an entry the first bytes of head */
	uint64_t chunks;         /* seals that it had, and the hash of the last one's body: */
	uint8_t head[HASH_SIZE]; /* struct chain's prev; of an entry merkle_leaf() of it */
	uint64_t entry;          /* its index, where n is 0 */
	enum review_verdict verdict;
	char date[NOTE_DATE_SIZE];
	struct note_key key;     /* that signs it */
	char text[REVIEW_TEXT_MAX + 1]; /* UTF-8 without control characters, may be "" */
};

/* The text of the note; its length, or E_FORMAT for a field that cannot be in one. */
int review_note_format(char out[REVIEW_NOTE_MAX], const struct review_note *r);

/* Reads such a text, in no other than the spelling of review_note_format().  0 or
 * E_FORMAT. */
int review_note_parse(struct review_note *r, const char *text, size_t len);

/* The whole note of len bytes: signed by the key that it names.  0 and *r; E_FORMAT,
 * E_RANGE; E_KEY where that key did not sign, E_SIGNATURE where it is wrong. */
int review_note_open(struct review_note *r, const char *p, size_t len);

/* "session 7" or "entry 12", for eyes. */
#define REVIEW_WHAT 32
char *review_note_what(char out[REVIEW_WHAT], const struct review_note *r);

/* It is about this entry. */
void review_note_about(struct review_note *r, uint64_t entry, const uint8_t leaf[MERKLE_HASH]);

/* What REVIEW says of the note of len bytes, but for the salt, which e has. */
void review_note_entry(struct entry *e, const struct review_note *r, const char *p, size_t len);

/* The note's name below REVIEW_DIR.  suffix: "note", or "new" until REVIEW is on disk. */
void review_note_name(char out[REVIEW_NAME_MAX], uint64_t n, const uint8_t digest[HASH_SIZE],
    const char *suffix);
/* Reads such a name.  0 or E_FORMAT. */
int review_note_name_parse(const char *name, const char *suffix, uint64_t *n,
    uint8_t digest[HASH_SIZE]);

/* "ok", "concern", ...; NULL for another number. */
const char *review_verdict_word(uint32_t verdict);
/* The number of a word, 0 where it is none. */
enum review_verdict review_verdict_find(const char *word);

#endif
