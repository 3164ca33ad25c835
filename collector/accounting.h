/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCOUNTING_H
#define SHELLAC_ACCOUNTING_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cert.h"
#include "process_digest.h"
#include "process_record.h"

/*
 * The kernel's process accounting, owned: acct(2) on a file of ours in
 * store/process, woken by the kernel's writes (inotify), rotated by size, each
 * record joined with the session it belongs to and appended to a .shlp file.
 */
struct accounting;
struct life;
struct process_store;

struct accounting_config {
	int store_fd;          /* the store's folder; stays the caller's */
	uint64_t rotate_bytes; /* size of a kernel file that is rotated */
	int own;               /* 0: acct = off, or no privilege: reads nothing */
	int leave;             /* 1: who takes it keeps it; 0: it is taken back */
	unsigned canary_ms;    /* from one canary to the next; 0: 10 s */
	unsigned retake_ms;    /* least time from one taking to the next; 0: 10 s */
	/* After each canary, a child that has ended at once: other sources must have seen
	 * it too.  NULL: none. */
	void (*canary)(void *ctx, pid_t pid);
	/* The store is open, and nothing of this run in it.  NULL: none. */
	void (*opened)(void *ctx, const struct process_store *s);
	/* join_ops.life and .now; and each record that was stored.  NULL: none. */
	int (*life)(void *ctx, const struct acct_record *r, struct life *out, int *in_doubt);
	void (*now)(void *ctx);
	void (*stored)(void *ctx, const struct process_record *r);
	void *ctx;
};

/* Makes process/ and the state; takes nothing over yet.  0 or -errno. */
int accounting_new(struct accounting **out, const struct accounting_config *cfg);

/* Frees; does not touch the kernel's accounting.  NULL is fine. */
void accounting_free(struct accounting *a);

/* leave as in the configuration, from now on. */
void accounting_policy(struct accounting *a, int leave);

/* A recorder's keeper of this boot: at registration, and at start for every
 * session of this boot that the store knows, before accounting_start(). */
int accounting_add_keeper(struct accounting *a, uint64_t n, pid_t pid, uint64_t start_ticks,
    uint32_t tty_dev);

/* A keeper whose session has no number yet, before accounting_start(). */
int accounting_expect_keeper(struct accounting *a, pid_t pid, uint64_t start_ticks);

/* Takes in what an earlier collector left, then turns accounting on.  0, or
 * -errno (-EPERM without CAP_SYS_PACCT): the caller goes on without it and
 * accounting_status() says why. */
int accounting_start(struct accounting *a);

/* A descriptor to poll for reading, -1 when there is none. */
int accounting_fd(const struct accounting *a);

/* Milliseconds until accounting_turn() wants to be called, -1 for never. */
int accounting_timeout_ms(const struct accounting *a);

/* To be called when the descriptor is readable or the time-out has passed: reads
 * (coalesced at 10 ms), joins, rotates.  Never blocks for long. */
void accounting_turn(struct accounting *a);

/* Takes in everything the kernel has written until now, at once. */
void accounting_drain(struct accounting *a);

/* The same without putting it on disk.  0 or negative; 0 where it is not on. */
int accounting_read(struct accounting *a);

/* Lets the kernel write to a new file, whatever the size of the one it writes to, where
 * there is room for it; takes accounting back where that was given up; closes the segment
 * of records. */
void accounting_rotate_now(struct accounting *a);

/* Number of process lives joined to session n so far in this run (recorder
 * itself left out). */
uint64_t accounting_commands(const struct accounting *a, uint64_t n);

/* A new object (the caller owns it), for status: state "on" | "off" | "lost" (its
 * coverage has a gap now: someone took it or cut the kernel's file, or the
 * kernel stopped writing), reason (safe to show, empty when all is well) and
 * counters: records read, in_sessions, broken, rotations, foreign_markers, gaps,
 * retaken, ... */
json_t *accounting_status(const struct accounting *a);

/* 1 while records may be missing, and since when. */
int accounting_lost(const struct accounting *a, uint64_t *from_boot_ns);

/* Session whose keeper this life is; 0. */
uint64_t accounting_keeper_of(const struct accounting *a, uint32_t pid, uint64_t start_ticks);

/* For others that store process records: opens the store where accounting did not.  0 or
 * -errno; -EBUSY: what an earlier boot left is to be taken in first. */
int accounting_open_store(struct accounting *a);
/* NULL: it is not open.  accounting_sync() and the ledger see to what is appended. */
struct process_store *accounting_store(const struct accounting *a);
/* The folder process/. */
int accounting_folder(const struct accounting *a);

/* For the ledger: process records in pieces, process_digest.h.  The ledger vouches for
 * the first from bytes; before accounting_start(). */
void accounting_vouched(struct accounting *a, uint64_t from);
/* Writes what it has and takes the piece up to there.  A descriptor to be synced and
 * closed by the caller, who then says whether it was with accounting_digest_synced();
 * or -errno: there are no records. */
int accounting_digest_begin(struct accounting *a);
void accounting_digest_synced(struct accounting *a, int is_on_disk);
/* The piece to be vouched for: 1, or 0 where there is none; and that it is. */
int accounting_digest(const struct accounting *a, struct process_digest *d);
void accounting_digest_vouched(struct accounting *a);

/* 0 while all is well, or the code of what is not, with *reason (safe to show). */
int accounting_trouble(const struct accounting *a, const char **reason);

/* Turns accounting off if it is still ours (a canary's record shows it) and
 * takes in the rest.  1 if it was ours, 0 if it no longer was, or -errno (-ESRCH:
 * it was not on in this run). */
int accounting_stop(struct accounting *a);

#endif
