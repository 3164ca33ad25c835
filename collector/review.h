/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COLLECTOR_REVIEW_H
#define SHELLAC_COLLECTOR_REVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "collector.h"

/*
 * Sign-offs of sessions, by the keys of conf.reviewers: the note is kept below REVIEW_DIR
 * as N-DIGEST.new, on disk; the ledger's REVIEW is on disk; then it gets its name.  What a
 * crash leaves in between the next start names, where REVIEW is in the ledger, or forgets:
 * nobody was told that it was taken.  A note is taken once.
 */
struct reviewer;

/* Begins, with what an earlier collector left; the ledger is open.  0 or -errno. */
int reviewer_new(struct reviewer **out, struct collector *c);
/* NULL is fine. */
void reviewer_free(struct reviewer *r);

/* Takes the note of len hostile bytes about a session whose file is in the folder of day
 * ("2026/11/21").  NULL: done is called from the loop, unless reviewer_forget() comes
 * first, with 0 and the leaf, or with an error: whether it was taken is for the next start
 * to know.  Else why not: static text, or valid until the next call. */
const char *reviewer_take(struct reviewer *r, const char *day, const char *note, size_t len,
    void (*done)(void *arg, int error, uint64_t leaf), void *arg);

/* Nobody waits with this any more; what was begun is done all the same. */
void reviewer_forget(struct reviewer *r, const void *arg);

/* What error says to who waited. */
#define REVIEW_UNSURE "the ledger's disk fails: whether this was taken the next start knows"

/* Names the notes of a store that an earlier collector did not, or forgets them.  0 or
 * negative. */
int review_resume(const struct store *s);

/* Names a note whose REVIEW is on disk.  0 or -errno. */
int review_name(int dir, uint64_t n, const uint8_t digest[HASH_SIZE]);

#endif
