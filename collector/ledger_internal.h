/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_INTERNAL_H
#define SHELLAC_LEDGER_INTERNAL_H

/* Between the files of ledger*.c. */

#include <sys/queue.h>

#include "checkpoint.h"
#include "collector.h"
#include "ledger.h"
#include "ledger_clock.h"
#include "merkle.h"

#define LEDGER_OWED_MAX 4096 /* entries that wait for a disk that takes them */
#define LEDGER_FAILS (FAIL_EVENTS + 1)

/* Who waits for an entry to be on disk. */
struct ledger_waiter {
	STAILQ_ENTRY(ledger_waiter) link;
	uint64_t size; /* of the tree with it */
	void (*done)(void *arg, int error);
	void *arg;
};

/* An entry that could not be written yet. */
struct ledger_owed {
	STAILQ_ENTRY(ledger_owed) link;
	struct entry e;
};

enum ledger_step {
	STEP_NONE,
	STEP_RECORDS, /* process records go to disk */
	STEP_ENTRY,   /* EPOCH does */
};

struct ledger {
	struct collector *c;
	int dir, log, hashes;      /* in LEDGER_DIR; -1 */
	uint64_t offset;           /* end of the last whole entry of log */
	struct merkle tree;        /* of all in log */
	int ragged;                /* a failed write may have left bytes behind offset */
	uint64_t hashes_len;       /* bytes in the file */
	int hashes_bad;            /* hashes lacks some; made anew at the next start */
	int error;                 /* what is on disk is not known any more */
	uint64_t on_disk;          /* entries */

	struct ledger_live live;   /* sessions opened and not closed */
	uint64_t first_n, next_n;  /* as in ledger_file; 0: not known */

	struct sync_job job;
	int job_busy, dirty, urgent;
	struct timer calm_timer;   /* the next sync that nobody waits for */
	STAILQ_HEAD(, ledger_waiter) waiters; /* in order of size */

	STAILQ_HEAD(, ledger_owed) owed;
	unsigned owes;
	uint64_t dropped;          /* for which there was no room */
	struct timer owed_timer;
	int failing[LEDGER_FAILS]; /* by enum entry_fail: not 0 while it fails */
	uint8_t config[HASH_SIZE]; /* as it was said last */
	uint8_t *keys;             /* what LEDGER_KEYS is to have, keys_len bytes */
	size_t keys_len;

	uint64_t epoch;            /* of the last EPOCH */
	uint8_t epoch_pk[PK_SIZE]; /* that signs the next */
	uint32_t cuts;             /* bit i: a session was cut behind the EPOCH that is i older
	                            * than the last; all set for those before this run */
	uint64_t records_to;
	enum ledger_step step;
	int again;                 /* one more was asked for meanwhile */
	int stopping;              /* nothing waits for the loop any more */
	struct source timer_source, set_source;
	struct sync_job records_job;
	struct clock_course course;
	uint64_t root_size;        /* the tree as it is to be signed: with the last EPOCH */
	uint8_t root[MERKLE_HASH];
	uint64_t epochs;           /* done in this run, with their checkpoint */
	uint64_t epoch_boot_ns;    /* of the last EPOCH */
	uint64_t checkpoint_boot_ns; /* when the last was signed; 0: none in this run */
	uint64_t checkpoint;       /* size in the last checkpoint */
};

/* ledger.c */

void ledger_init(struct ledger *l, struct collector *c);

/* Writes the entry, which must be unsigned, at the end of log.  0 or -errno: nothing
 * was written. */
int ledger_append(struct ledger *l, struct entry *e);
/* The same for one that the notary signs: *e is then as it was written. */
int ledger_append_signed(struct ledger *l, struct entry *e);
/* fdatasync at once, in this thread.  0 or -errno. */
int ledger_sync_now(struct ledger *l);
/* Writes what is owed.  0 or -errno, where some is left. */
int ledger_settle(struct ledger *l);

/* ledger_begin.c */

/* Frees all but what the collector lent. */
void ledger_free(struct ledger *l);

/* ledger_hashes.c */

/* Opens hashes and makes it fit log, whose leaves come by _leaf() in their order; the
 * tree grows with them. */
int ledger_hashes_open(struct ledger *l);
void ledger_hashes_leaf(struct ledger *l, const uint8_t *p, size_t len);
/* All leaves of log were given: what is behind theirs goes. */
void ledger_hashes_end(struct ledger *l);

/* ledger_recover.c */

/* Entries for what the collector before did and did not say.  torn, clean: for RECOVER;
 * new_key: it has to begin a new chain of epoch keys; power_cut: the host has begun anew
 * since; settled: sessions from this number on were opened after the last EPOCH. */
struct ledger_past {
	uint64_t torn, settled;
	int clean, new_key, power_cut;
	struct entry *found; /* CLOSEs that starts added which did not come to their BOOT */
	size_t finds;
};
int ledger_recover(struct ledger *l, const struct ledger_past *past);

/* The notary has the key that the next EPOCH is to be signed with; else RECOVER begins
 * with a new one.  0 or negative. */
int ledger_epoch_key(struct ledger *l);

/* ledger_epoch.c */

/* The pipeline from its beginning to the checkpoint, in this thread.  0 or negative. */
int ledger_epoch_sync(struct ledger *l);
/* Timers begin, or take another epoch_s.  0 or -errno. */
int ledger_epoch_timer(struct ledger *l);

/* ledger_checkpoint.c */

/* Has root_size and root signed and written.  0 or a negative code. */
int ledger_checkpoint(struct ledger *l);
/* The checkpoint that is there. */
struct ledger_checkpoint {
	uint8_t *text;         /* NULL where there is none; the caller's to free */
	struct note note;
	struct checkpoint at;  /* size 0 where there is none */
};
/* Reads it; whoever signed it.  0 or a negative code. */
int ledger_checkpoint_load(const struct ledger *l, struct ledger_checkpoint *cp);
/* 0, or a negative code where it is not by a key that this host had then. */
int ledger_checkpoint_check(const struct ledger *l, const struct ledger_checkpoint *cp);

/* ledger_key.c */

/* One more key of the host, from a KEY that the ledger has.  0, -ENOMEM, E_RANGE. */
int ledger_keys_add(struct ledger *l, const struct entry *e);
/* Makes LEDGER_KEYS say what the ledger does. */
void ledger_keys_write(const struct ledger *l);

#endif
