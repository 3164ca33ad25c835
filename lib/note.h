/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTE_H
#define SHELLAC_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/*
 * Signed notes (C2SP signed-note): text that ends in a line feed, an empty line,
 * and signature lines "— NAME BASE64(key id || signature)".  Nothing here
 * allocates; what a note points to is the caller's text.
 */
#define NOTE_NAME_MAX 200
#define NOTE_MAX 16384      /* bytes of a note that is read */
#define NOTE_SIGS_MAX 32    /* further ones make it E_RANGE */
#define NOTE_VKEY_MAX 300   /* NAME+HEX+BASE64 and a zero */
#define NOTE_LINE_MAX 420   /* one signature line with its line feed, and a zero */

enum note_alg {
	NOTE_ED25519 = 1,       /* over the note's text */
	NOTE_COSIGNATURE = 4,   /* C2SP tlog-cosignature, cosignature/v1 */
};

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t alg;            /* enum note_alg */
	uint32_t id;            /* SHA-256(NAME || LF || alg || pk), first 4 bytes, big-endian */
	uint8_t pk[PK_SIZE];
};

/* A name has no space of Unicode's, no plus sign and no byte below that of a space, is
 * UTF-8 and not empty.  0 or E_FORMAT. */
int note_key_make(struct note_key *k, const char *name, uint8_t alg, const uint8_t pk[PK_SIZE]);
/* "NAME+HEX+BASE64", the id checked.  0 or E_KEY. */
int note_key_parse(struct note_key *k, const char *vkey);
void note_key_format(char out[NOTE_VKEY_MAX], const struct note_key *k);

struct note_sig {
	const char *name;       /* name_len bytes */
	size_t name_len;
	uint32_t id;
	uint8_t sig[72];        /* what follows the key id: the first len bytes of it, */
	size_t len;             /* which may be more */
};

struct note {
	const char *text;       /* with its last line feed */
	size_t text_len;
	struct note_sig sig[NOTE_SIGS_MAX];
	unsigned sigs;
};

/* 0, E_FORMAT or E_RANGE (over NOTE_MAX, too many signatures). */
int note_parse(struct note *n, const char *p, size_t len);

/* Looks for signatures of k.  0 where one is there and all are right (*time_s, if not
 * NULL: the earliest seconds since the epoch that a cosignature states, else 0), E_KEY
 * where k did not sign, E_SIGNATURE where what bears its name and id is wrong. */
int note_verify(const struct note *n, const struct note_key *k, uint64_t *time_s);

/* One signature line, with its line feed, over text: by alg NOTE_ED25519 with time_s
 * 0, by NOTE_COSIGNATURE at time_s.  k's secret key.  Length, or E_RANGE (text over
 * NOTE_MAX, time over 2^63-1). */
int note_sign(char out[NOTE_LINE_MAX], const char *text, size_t len, const struct note_key *k,
    const uint8_t sk[SK_SIZE], uint64_t time_s);

#endif
