/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESSES_INTERNAL_H
#define SHELLAC_PROCESSES_INTERNAL_H

#include "collector.h"
#include "coverage.h"
#include "lives.h"
#include "process_events.h"
#include "process_store.h"
#include "process_syslog.h"
#include "processes.h"
#include "watch.h"

struct processes {
	struct collector *c;
	struct process_events *events; /* NULL: none, then lives is NULL too */
	int why;                       /* and the error: 0 off by configuration */
	struct source source;
	struct lives *lives;
	int begun;
	struct coverage *coverage;
	struct process_syslog *syslog; /* NULL: not wanted */
	struct watch *watch;           /* NULL: no rules */
	uint64_t watch_ns;             /* when /proc is looked at for it, CLOCK_MONOTONIC */
	uint64_t look_ns;              /* when /proc is looked at next; 0: never */

	int events_lost;               /* a gap was stored that has no end yet */
	int records_lost;              /* accounting_lost() */
	uint64_t heard_ns;             /* CLOCK_BOOTTIME of the last event */
	int rebuild_due;
	uint64_t rebuild_ns;           /* not before, CLOCK_MONOTONIC */

	uint32_t *pids;                /* of now, for lives_ops.pids */
	size_t pid_room;

	uint64_t exact, likely, contradictions, execs_unwritten, losses;
};

/* processes_hear.c */
/* Takes the events that were read, or all up to now. */
void processes_hear(struct processes *p, int up_to_now);
/* Events may be missing: the tree is looked up in /proc soon. */
void processes_miss(struct processes *p, uint64_t count, const char *text);
/* Does that now, if it is time. */
void processes_rebuild(struct processes *p);
/* Without events from now on. */
void processes_deaf(struct processes *p, int error);

/* processes_record.c: the hooks of accounting */
void processes_now(void *ctx);
int processes_life(void *ctx, const struct acct_record *r, struct life *out, int *in_doubt);
void processes_stored(void *ctx, const struct process_record *r);
void processes_opened(void *ctx, const struct process_store *s);
void processes_canary(void *ctx, pid_t pid);
/* What events have lost, or no longer lose (state 2). */
void processes_loss(struct processes *p, const struct process_loss *l);

/* processes_tell.c: what goes out of the collector.  A record that was stored; the end. */
void processes_tell(struct processes *p, const struct process_record *r,
    const struct acct_record *a);
void processes_tell_release(struct processes *p);

/* processes_watch.c: commands that are to run.  New rules; what is due, as
 * processes_turn(); a life that begins a program; one that ended, start_ticks 0: not
 * known. */
void processes_watch_reread(struct processes *p);
int processes_watch_turn(struct processes *p);
void processes_watch_life(struct processes *p, const struct life *f, uint64_t boot_ns);
void processes_watch_ended(struct processes *p, uint32_t pid, uint64_t start_ticks);

/* processes_see.c: what coverage is shown */
/* Is a process of this user ours to speak of?  A private collector without the kernel's
 * accounting and without privilege speaks of its own user's alone. */
int processes_ours(const struct processes *p, uint32_t uid);
void processes_sight(struct processes *p, const struct sight *s);
/* Which file a process runs that is a recorder's: one that runs the recorder's without its
 * user is whoever traced or preloaded it.  0 or -errno. */
int processes_front_program(const struct processes *p, pid_t pid, dev_t *dev, ino_t *ino);
struct lives_ops;
void processes_proc_ops(struct processes *p, struct lives_ops *ops);
int processes_coverage(struct processes *p);
void processes_saw_life(struct processes *p, const struct life *f, uint64_t boot_ns, int ended);
/* A session leader may have got a terminal since its last program began, which no event
 * says: looks at those that had none. */
void processes_look_at_leaders(struct processes *p);
/* Looks at all of /proc. */
void processes_look(struct processes *p);

#endif
