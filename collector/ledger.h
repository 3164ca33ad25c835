/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_H
#define SHELLAC_LEDGER_H

#include <jansson.h>
#include <stdint.h>

#include "ledger_file.h"

struct collector;
struct ledger;
struct session;

/*
 * The host's ledger, as the collector writes it: one entry for each thing that a
 * store must not be able to lose unseen.  An entry is written at once and synced with
 * what waits at that moment by the sync threads; who depends on it waits for done.
 */

/* Reads it, drops a torn end, begins it where there is none (GENESIS), says what the
 * collector before did not (RECOVER, and OPEN and CLOSE with ENTRY_F_RECOVERED) and
 * BOOT.  0 or a negative code, after it said on the log what is wrong. */
int ledger_open(struct ledger **out, struct collector *c);

/* What is live is known: CONFIG, the first EPOCH and checkpoint, and from now on one
 * each epoch_s seconds.  0 or a negative code, after it said what is wrong. */
int ledger_start(struct ledger *l);

/* A last EPOCH and checkpoint, synced.  NULL is fine. */
void ledger_close(struct ledger *l);

/* Appends e, whose type, flags and u are set; index and times are filled in.  done
 * (may be NULL) is called from the loop when it is on disk, with 0, or with -errno:
 * then it may not be.  Returns 0 or -errno: nothing was written, done is not called. */
int ledger_add(struct ledger *l, struct entry *e, void (*done)(void *arg, int error), void *arg);

/* The same for what has happened whether it can be written or not: it is kept until
 * it can.  l may be NULL: nothing is said. */
void ledger_say(struct ledger *l, const struct entry *e);

/* A failure (negative code) or its end (0), which is said only where it has begun.
 * n is of the session, 0 for none; text is what a person is to read. */
void ledger_fail(struct ledger *l, enum entry_fail what, int error, uint64_t n, const char *text);

/* A terminal, or a login without one (tty_dev 0), is used without a recorder: pid and
 * start are of who leads it, user is the name, which only its salted hash goes in. */
void ledger_unrecorded(struct ledger *l, uint32_t pid, uint64_t start_ticks, uint32_t tty_dev,
    const char *user);

/* The configuration in force is another: CONFIG, and its epoch_s. */
void ledger_configured(struct ledger *l);

/* Nobody waits for done with this any more.  l may be NULL. */
void ledger_forget(struct ledger *l, const void *arg);

/* A hash of bytes that only who knows them can check. */
void ledger_salted(uint8_t hash[HASH_SIZE], const uint8_t salt[ENTRY_SALT], const void *p,
    size_t len);

/* EPOCH and checkpoint now, not at their time (shellac rotate); ledger_epochs() grows
 * when it is done.  0 or -errno. */
int ledger_epoch_now(struct ledger *l);
uint64_t ledger_epochs(const struct ledger *l);

/* The host's key is replaced by a new one: KEY is on disk when this returns, which it
 * waits for, and the old key is wiped.  0 or a negative code: see the log. */
int ledger_new_key(struct ledger *l);

/* Was the session opened here and not closed? */
int ledger_is_open(const struct ledger *l, uint64_t n);
/* Has it an OPEN here?  Sessions from before the ledger have none. */
int ledger_knows(const struct ledger *l, uint64_t n);

/* Number of the newest session that it knows of, 0 for none. */
uint64_t ledger_number(const struct ledger *l);

uint64_t ledger_size(const struct ledger *l);
/* merkle_leaf() of its entry of this index.  0, E_RANGE: it has none; -EIO: it cannot say. */
int ledger_leaf(const struct ledger *l, uint64_t index, uint8_t leaf[MERKLE_HASH]);
/* Bytes of process records that it vouches for. */
uint64_t ledger_records(const struct ledger *l);

/* For status, a new object; NULL without memory. */
json_t *ledger_status(const struct ledger *l);

#endif
