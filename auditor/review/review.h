/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_H
#define SHELLAC_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "note.h"
#include "seal.h"

struct auditor;
struct store;

/* Sign-offs: each is a signed note in the store, whose salted digest is in a REVIEW entry. */
struct review {
	uint64_t n;          /* the session; 0: it is about an entry of the ledger */
	uint8_t id[ID_SIZE]; /* its id, by the entry */
	uint64_t entry;      /* that it is about, where n is 0 and it fits */
	int other;           /* ... but that entry is not the one that was signed about */
	uint64_t leaf;       /* index of REVIEW */
	int64_t wall_ns;
	uint32_t verdict;    /* enum review_verdict of lib/review_note.h */
	char who[NOTE_NAME_MAX + 1]; /* name of the key that signed, hostile; "" where the note
	                      * is not there, or does not fit its entry (fits 0) */
	int fits;
	char *text;          /* what the reviewer wrote, hostile; or NULL */
	uint64_t chunks;     /* seals of what was looked at, and the last one's hash, */
	uint8_t head[HASH_SIZE]; /* where fits */
	uint8_t pk[PK_SIZE]; /* of the key, where fits */
	int partial;         /* the session went on behind that */
};

struct reviews {
	struct review *review; /* in the order of the ledger */
	size_t reviews, room;
	struct review **by_n;  /* the same by session, then by leaf */
	char **loose;          /* names below review/ that no entry knows; hostile */
	size_t looses, loose_room;
	int wrong;             /* 0; E_ code where the ledger is wrong, or ends torn, behind
	                        * what was read */
};

/* Of the open store.  0 or negative; no ledger is 0 with none.  Who may read is asked
 * before, auditor_want_all(). */
int reviews_read(struct reviews *out, const struct auditor *a);
int reviews_read_store(struct reviews *out, const struct store *s);
void reviews_release(struct reviews *r);

/* The newest of the whole of session n with this id whose note is proven, or NULL.  by: only
 * these keys count (NULL: all). */
struct approvers;
const struct review *reviews_of(const struct reviews *r, uint64_t n, const uint8_t id[ID_SIZE],
    const struct approvers *by);
/* The newest about an entry of the ledger.  As above. */
const struct review *reviews_of_entry(const struct reviews *r, uint64_t entry,
    const struct approvers *by);

#endif
