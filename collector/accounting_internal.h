/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCOUNTING_INTERNAL_H
#define SHELLAC_ACCOUNTING_INTERNAL_H

#include "accounting.h"
#include "join.h"
#include "kernel_file.h"
#include "process_store.h"

enum accounting_state { ACCT_OFF, ACCT_ON, ACCT_LOST };

struct accounting {
	struct accounting_config cfg;
	int dir_fd; /* process/ */
	struct process_store *store;
	struct join *join;
	struct kernel_file cur; /* what the kernel writes to; fd -1: none */
	uint64_t vouched; /* bytes of process records in the ledger, at the start */
	uint8_t boot_id[BOOT_ID_SIZE];
	int proc_is_ours; /* /proc is of this pid namespace */
	int kthreads;     /* pid 2 is kthreadd: not so in a namespace of one's own */

	int epoll_fd, inotify_fd, watch;
	int dirty; /* the kernel wrote since the last reading */
	int busy;  /* and so much that nobody waits for it to say so */
	uint64_t read_at_ns, canary_due_ns, rotate_after_ns; /* CLOCK_MONOTONIC */

	enum accounting_state state;
	char reason[256];  /* safe to show; "" when all is well */
	int taken;         /* another process has it, or turned it off */
	int low;           /* little of the file system is free */
	int silent;        /* canaries in a row without a record */
	int write_failed;  /* the last write of the store: its error */
	int rotate_failed; /* the last rotation: its error */
	int leftovers;     /* reading files of an earlier run */

	uint64_t took_ns, retake_due_ns; /* CLOCK_MONOTONIC; due 0: not to be taken back */
	unsigned fights;                 /* takings back without peace between them */
	uint64_t proved_ns;              /* CLOCK_BOOTTIME: its records were known to come */
	uint64_t lost_from_ns;           /* begin of the gap, while state is ACCT_LOST */
	const char *why;                 /* of that gap, in a word or two */

	pid_t self, canary;
	int canary_seen;
	int own_marker; /* read since the last acct(2) */

	uint32_t *done; /* kernel files wholly read, to go once all is on disk */
	size_t dones;

	uint64_t records, in_sessions, broken, rotations, resyncs, skipped;
	uint64_t foreign_markers, unreadable, mismatches, unmarked, canaries;
	uint64_t resyncs_said, gaps, retaken;
};

/* what is said while the store cannot be written; its error is to be filled in */
#define UNWRITTEN "process records cannot be written: %s; the kernel's file keeps them"

/* accounting_take.c: from the kernel's file to the store */

/* Reads f to its end for now and pushes its records.  0 or negative. */
int accounting_pump(struct accounting *a, struct kernel_file *f);
/* Settles and writes all that was pushed, reading cur on as needed. */
int accounting_settle(struct accounting *a);
/* Reads cur to its end, settles, writes.  0 or negative. */
int accounting_take(struct accounting *a);
/* What was read from f last time is skipped.  0 or -errno. */
int accounting_skip(struct accounting *a, struct kernel_file *f, const struct process_record *last);
/* f goes once all is on disk. */
int accounting_done(struct accounting *a, const struct kernel_file *f);
/* All on disk, files that are done removed.  0 or -errno. */
int accounting_sync(struct accounting *a);
/* A join with the callbacks of this accounting. */
int accounting_join(struct accounting *a);

/* accounting_digest.c */

/* The store was opened: what it has beyond vouched is to be vouched for. */
void accounting_digest_open(struct accounting *a);

/* accounting_before.c */

#define ACCOUNTING_USUAL 3
struct accounting_before {
	off_t size[ACCOUNTING_USUAL]; /* -1: no such file */
};

/* Before it is taken the first time, and after: says from whom. */
void accounting_before(struct accounting_before *b);
void accounting_after(const struct accounting_before *b);

/* accounting_loss.c: LOSS records */

/* From the last time that records were known to come, for what a->why says. */
void accounting_gap_begins(struct accounting *a);
void accounting_gap_over(struct accounting *a);
/* At the start; goes_on: the kernel wrote to our file since the run before. */
void accounting_gap_started(struct accounting *a, int goes_on);
void accounting_gap_stopped(struct accounting *a);

/* accounting_watch.c: is it still ours? */

/* Every change of how things stand passes here: into ACCT_LOST and out of it is a gap
 * in coverage, from the last time that records were known to come. */
void accounting_say(struct accounting *a, enum accounting_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Watches cur.  0 or -errno. */
int accounting_watch(struct accounting *a);
/* Takes the events away and lets the next one wake. */
void accounting_rearm(struct accounting *a);
/* A child that ends at once: 1 if its record came, 0 not, or -errno. */
int accounting_canary(struct accounting *a);
/* Canary, and what it says about the state. */
void accounting_probe(struct accounting *a);

/* accounting_repair.c: what is done where it is not */

/* The kernel's record about a caller of acct(2) other than us. */
void accounting_taken(struct accounting *a, const struct acct_record *r);
/* No record of several canaries, with room on the disk: it is not ours, whoever has it. */
void accounting_gone(struct accounting *a);
/* Takes it back, if that is due and wanted. */
void accounting_retake(struct accounting *a);
/* Has someone cut, moved or removed cur?  Then says so and begins a new file. */
void accounting_guard(struct accounting *a);
/* Has someone written to it?  Then says so. */
void accounting_strangers(struct accounting *a);
/* Lets the kernel write to a new file and takes in the rest of the old one. */
int accounting_rotate(struct accounting *a);
/* Makes the next kernel file and takes accounting with it: cur.  0 or -errno. */
int accounting_next(struct accounting *a, uint32_t k);

#endif
