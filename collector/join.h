/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JOIN_H
#define SHELLAC_JOIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lives.h"
#include "process_record.h"
#include "procfs.h"

/*
 * Which recorded session does an accounting record belong to?  Pure logic: the
 * processes that still live come from a callback.
 *
 * The rule.  A pid is not given out again before its record is written, and the
 * parent in a record is the one living at the exit.  So the life that was the
 * parent of record i is that of the next later record whose pid is ppid(i); where
 * there is none, the parent lives, and /proc has it.  Going up ends at a keeper,
 * which owns the record, or at process 1 or outside the namespace.  No clock takes
 * part in it.
 *
 * Where somebody who has followed every fork knows the life of a record (join_ops.life),
 * that holds, and /proc is not read.
 *
 * One exception.  A process writes its record shortly before it gives its children
 * away: a child that ends in between has a parent whose record is the earlier one.
 * It is recognised by the parent being neither later in the file nor alive; or, where
 * the pid has been given out again meanwhile (a parent with many open files is slow to
 * leave), by the times: when records were read, and how long lives were.  Where these
 * cannot tell, and it matters, the record is broken.
 *
 * Where a signal ends a keeper, what it had below goes to process 1: children of that
 * which began while the keeper lived, and ended behind it, are broken too.
 *
 * Use: join_push() everything up to the end of the file, join_look(); as long as
 * that looked at new living processes, push what has come since (their records
 * would be there had they ended) and look again; then join_settle().
 */
struct join;

struct join_ops {
	/* The life that has ended with r; asked once for each, in their order.  1: its label
	 * holds; 2: it is likely that life, whose label is not used; 0: not known.  in_doubt
	 * is set where what the chain says may be another life's, too.  now is called before,
	 * once for each join_look() that asks.  Both may be NULL. */
	int (*life)(void *ctx, const struct acct_record *r, struct life *out, int *in_doubt);
	void (*now)(void *ctx);
	/* /proc/PID/stat: 0, or negative when there is no such process */
	int (*stat)(void *ctx, pid_t pid, struct proc_stat *s);
	/* wall clock in seconds of a start in ticks since boot */
	int64_t (*start_wall)(void *ctx, uint64_t start_ticks);
	/* A settled record, in the order of join_push().  Not 0 stops the settling:
	 * this record and the rest stay. */
	int (*emit)(void *ctx, const struct process_record *r);
	void *ctx;
};

/* 0 or -ENOMEM.  ops is copied. */
int join_new(struct join **out, const struct join_ops *ops);
void join_free(struct join *j);

/* A session that a recorder began without a collector, and whose number is to come: what
 * its keeper has below is broken until then, never "no recorder". */
#define JOIN_UNKNOWN UINT64_MAX

/* A session's keeper.  exact: the process lives, and all records written before
 * have been pushed, so that the next record of its pid is its own.  Else its record
 * is told from other lives of the pid by the start, to 2 s.  0 or -ENOMEM. */
int join_add_keeper(struct join *j, uint64_t n, pid_t pid, uint64_t start_ticks, uint32_t tty_dev,
    int exact);

/* After the keepers of an earlier run are added and what it left is pushed: those
 * that live are exact from now on. */
void join_keepers_exact(struct join *j);

/* Finds the sessions around the keepers, as far as they live. */
void join_keepers_outer(struct join *j);

/* 1: records are of another boot, /proc says nothing about them. */
void join_other_boot(struct join *j, int other);

/* The next record; raw as it was.  0 or -ENOMEM. */
int join_push(struct join *j, const struct acct_record *r, const uint8_t raw[ACCT_SIZE],
    uint32_t kernel_file, uint32_t place);

/* The records pushed since the last call were all written after one time (0: not known)
 * and before another: CLOCK_MONOTONIC, and the same in CLOCK_BOOTTIME, ns. */
void join_read(struct join *j, uint64_t from_ns, uint64_t to_ns, uint64_t from_boot_ns,
    uint64_t to_boot_ns);

/* Records pushed and not settled. */
size_t join_pending(const struct join *j);

/* Looks up the parents.  Returns how many living processes were looked at anew, or
 * -ENOMEM. */
int join_look(struct join *j);

/* Emits the first count pending records (all: SIZE_MAX).  Returns 0, or what emit
 * returned. */
int join_settle(struct join *j, size_t count, int64_t read_wall_ns);

/* Session whose keeper this is, or JOIN_UNKNOWN; 0. */
uint64_t join_keeper_of(const struct join *j, uint32_t pid, uint64_t start_ticks);

/* Lives joined to session n; its keeper and its lead-in left out. */
uint64_t join_commands(const struct join *j, uint64_t n);

#endif
