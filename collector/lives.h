/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIVES_H
#define SHELLAC_LIVES_H

#include <stddef.h>
#include <stdint.h>

#include "process_record.h"
#include "procfs.h"

/*
 * Who lives on this host, and whose session each is: the fork tree of the process
 * events.  Pure logic; /proc comes from a callback.
 *
 * A life gets its label (session, outer session, keeper, origin) when it is forked, from
 * its parent's, and keeps it whatever becomes of the parent: setsid, a double fork,
 * nohup change nothing.  A keeper's children get its session.  A pid cannot be used
 * again before its accounting record is written, so the k-th record of a pid is that of
 * its k-th life, and no clock takes part in the join.
 *
 * Once something was lost (lives_lost(), PEVENT_LOSS) labels of what is forked are not
 * known, until lives_rebuild() has looked at /proc.  What was forked and ended unseen has
 * left records that lives_rebuild() cannot know of: until all accounting of before it has
 * been handed to lives_ended(), and lives_settled() was called, answers are doubtful.
 */
struct lives;

struct life {
	uint32_t pid, ppid;    /* who forked it; who was its parent, with PROCESS_F_SINCE_BEFORE */
	uint64_t start_ticks;
	uint16_t ordinal;
	uint64_t parent_start; /* of ppid's life, 0 not known */
	uint64_t session, outer;
	uint32_t keeper_pid;
	uint8_t reason;        /* RECORDER, FORK, LEAD_IN, NO_RECORDER; BROKEN: not known */
	uint8_t certainty;
	uint8_t origin;        /* what the nearest ancestor says it comes from */
	uint16_t flags;        /* PROCESS_F_ */
	uint32_t uid, euid, sid, tty_dev; /* as last seen */
	uint32_t audit_session; /* CERT_UNSET: not known; has_audit: it is this life's own, not
	                         * what it had from its parent */
	unsigned is_keeper : 1, has_exec : 1, exited : 1, has_audit : 1;
	unsigned other_login : 1; /* it, or one between it and its keeper, logs people in */
	char comm[ACCT_COMM];
};

struct lives_ops {
	/* /proc/PID/stat: 0, or negative when there is no such process */
	int (*stat)(void *ctx, pid_t pid, struct proc_stat *s);
	/* all pids of now, in an array that the callee owns until the next call; count or
	 * negative */
	long (*pids)(void *ctx, const uint32_t **pids);
	/* /proc/PID/status: 0, or negative */
	int (*ids)(void *ctx, pid_t pid, struct proc_ids *ids);
	/* 1: only root can change the program it runs */
	int (*is_roots)(void *ctx, pid_t pid);
	void *ctx;
};

/* 0 or -ENOMEM.  ops is copied. */
int lives_new(struct lives **out, const struct lives_ops *ops);
void lives_free(struct lives *l);

/* Will there be accounting records?  0 (so it begins): a life is over with its exit. */
void lives_records(struct lives *l, int on);

/* At start and after a loss: makes lives of all that /proc has and this has not, with
 * labels by the ancestors of now (certainty LIKELY, flag PROCESS_F_SINCE_BEFORE; EXACT where the
 * whole chain was known), and doubts those that /proc no longer has and whose record has
 * not come.  Call it after the events up to now were taken.  0 or -errno. */
int lives_rebuild(struct lives *l);

/* All records written before the last lives_rebuild() have been handed over. */
void lives_settled(struct lives *l);

/* From now on until lives_rebuild() forks may have been missed. */
void lives_lost(struct lives *l);
int lives_in_doubt(const struct lives *l); /* until lives_settled() */

/* Events, in the order of process_events_take().  0 or -ENOMEM: as if it was lost. */
struct pevent;
int lives_event(struct lives *l, const struct pevent *e);

/* n of a session that a recorder began without a collector, until its number comes:
 * nothing is known then of what its keeper has below. */
#define LIVES_UNKNOWN UINT64_MAX

/* A recorder's keeper: pid with this start, session n.  What it forked already is
 * labelled anew, with all below; what lives in the terminal session of the keeper's
 * parent becomes its lead-in.  0; -ESRCH: there is no such life, it is looked for again
 * by lives_rebuild(); -ENOMEM. */
int lives_add_keeper(struct lives *l, uint64_t n, uint32_t pid, uint64_t start_ticks);

/* The audit session of the life that has pid now. */
void lives_set_audit(struct lives *l, uint32_t pid, uint32_t audit_session);

/* The life that has pid now, or had it last if its record has not come; NULL.  Until the
 * next call of anything here. */
const struct life *lives_get(const struct lives *l, uint32_t pid);

/* The life of the next accounting record of this pid, which is removed: 1 with *out, 0
 * there is none (lost, or from before), 2: *out is doubtful (see above; or the start does
 * not fit: btime_s is the record's, boot_wall_s the wall clock's second of the boot, to
 * 2 s). */
int lives_ended(struct lives *l, uint32_t pid, int64_t btime_s, int64_t boot_wall_s,
    struct life *out);

/* One whose record nobody hands over: the newest life of pid that ppid forked is removed. */
void lives_forget(struct lives *l, uint32_t pid, uint32_t ppid);

/* 1: f may have been given to parent when its own ended: that is in no session that f is
 * not in.  Also where that is not known. */
int lives_may_adopt(const struct lives *l, const struct life *parent, const struct life *f);

/* Each life of now; what got returns, if not 0, ends it and is returned. */
int lives_each(const struct lives *l, int (*got)(void *ctx, const struct life *f), void *ctx);

struct lives_counts {
	size_t lives, keepers, waiting; /* waiting: ended, without a record yet */
	uint64_t forks, orphans;        /* orphans: forked by nobody that was known */
	uint64_t rebuilt, doubtful, missing; /* missing: lives whose record did not come */
};
void lives_count(const struct lives *l, struct lives_counts *out);

/* What a program of this name says of where its children come from; ORIGIN_NOT_SAID. */
uint8_t lives_origin_of(const char comm[ACCT_COMM]);

#endif
