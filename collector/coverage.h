/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COVERAGE_H
#define SHELLAC_COVERAGE_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "acct_record.h"

struct process_record;
struct process_terminal;

/*
 * Which terminals and logins nobody records.  Every process with a terminal belongs to a
 * recorded session, to a lead-in, or to a row here.  A row is one use of a terminal by a
 * session leader's life (pid, start), or one login without a terminal: the first process
 * below sshd that is not sshd.
 *
 * Lead-in: what runs on a terminal between its session leader's start and the registration
 * of a recorder whose front belongs to that very terminal session.  A row waits
 * COVERAGE_HOLD_NS for that before it is said.  One that was said and is followed by its
 * recorder within COVERAGE_LEAD_IN_NS of its beginning is over then, as that session's
 * lead-in; a later recorder ends a row and makes it no lead-in.  What is started on a
 * recorder's outer terminal after it registered, or goes on there after it ended, is a row
 * again; not the recorder's front alone, which may be slow to end, or be stopped.
 *
 * Not rows: a getty and login(1) that wait for somebody, what recorders run, and a process
 * whose ancestors are not known (REASON_BROKEN): who lives is seen again when they are.
 *
 * Where only accounting says that a process was on a terminal, nobody knows of which
 * session: that waits for the next look at /proc.  Whether one without a terminal was a
 * login is known then, or when its parent's record comes: the next of that pid.
 *
 * Pure logic.  Times are of CLOCK_BOOTTIME, starts in ticks of 1/100 s since boot; both
 * may go back a little from one call to the next.
 */
struct coverage;

#define COVERAGE_HOLD_NS 1500000000ULL
#define COVERAGE_LEAD_IN_NS 30000000000ULL

/* A process as some source saw it: an exec or setsid event, an accounting record, a look
 * at /proc. */
struct sight {
	uint32_t pid, sid;     /* sid 0: not known (accounting) */
	uint32_t ppid;         /* where sid is not known; else 0 */
	uint64_t start_ticks;  /* 0: not known; where ended and sid is 0, to a second */
	uint64_t sid_start;    /* of the session leader, 0: not known */
	uint32_t tty_dev;      /* major << 20 | minor; 0: none */
	uint32_t uid;
	uint64_t session;      /* its label; 0: none */
	uint8_t origin, reason;
	uint8_t ended;         /* it is its accounting record, or it has gone */
	uint8_t login;         /* coverage_is_login(); only asked where tty_dev is 0 */
	uint64_t boot_ns;      /* of the event; of the end */
	char comm[ACCT_COMM];  /* hostile; no zero where it is full */
};

/* The process that has a recorder's outer terminal, and the file that it runs. */
struct coverage_front {
	uint32_t pid;          /* 0: not known */
	uint64_t start_ticks;
	dev_t dev;
	ino_t ino;
};

struct coverage_ops {
	/* A row begins (t->state 1) or is over (2): to be stored, and when it begins, put into
	 * the ledger and on the log.  In r: the life, sid, uid's origin; where a row turned out
	 * to be a lead-in, when it is over, the session and REASON_LEAD_IN. */
	void (*row)(void *ctx, const struct process_record *r, const struct process_terminal *t);
	/* The label that this life has now, before a row is said for it: 0 none; NULL where
	 * labels do not come late. */
	uint64_t (*session)(void *ctx, uint32_t pid, uint64_t start_ticks);
	/* Does that life still run that file?  NULL: fronts are as others. */
	int (*is_front)(void *ctx, const struct coverage_front *f);
	void *ctx;
};

/* 0 or -ENOMEM.  ops is copied. */
int coverage_new(struct coverage **out, const struct coverage_ops *ops);
void coverage_free(struct coverage *c); /* NULL is fine */

/* A row that an earlier collector of this boot began and did not end, from the store:
 * before anything else.  It is not said again. */
void coverage_known(struct coverage *c, const struct process_record *r,
    const struct process_terminal *t);

void coverage_seen(struct coverage *c, const struct sight *s);

/* A recorder registered at boot_ns on tty_dev (its outer terminal, 0 none); sid, sid_start:
 * of its front, 0 not known. */
void coverage_recorder(struct coverage *c, uint64_t n, uint32_t tty_dev, uint32_t sid,
    uint64_t sid_start, uint64_t boot_ns);
/* And its front; after that. */
void coverage_front(struct coverage *c, uint64_t n, const struct coverage_front *f);
/* Its session has ended: who still is on its outer terminal is not recorded. */
void coverage_recorder_ended(struct coverage *c, uint64_t n, uint64_t boot_ns);

/* A look at all of /proc is over, each process of which was seen: rows whose leader and
 * every process have gone end. */
void coverage_looked(struct coverage *c, uint64_t boot_ns);

/* Says what is due.  Milliseconds until it wants to be called again, -1 for never. */
int coverage_turn(struct coverage *c, uint64_t boot_ns);

/* Live rows that were said, a new array; NULL without memory. */
json_t *coverage_json(const struct coverage *c);

/* Is this process a login without a terminal: does sshd stand directly above it?  get
 * gives the process with a pid: 0, or negative where there is none.  Of a user who is
 * not root sshd itself is one once it has its own session (internal-sftp), also root's
 * where the listener stands above. */
struct coverage_kin {
	uint32_t pid, ppid, sid, uid;
	char comm[ACCT_COMM];
};
int coverage_is_sshd(const char comm[ACCT_COMM]);
int coverage_is_login(const struct coverage_kin *self,
    int (*get)(void *ctx, uint32_t pid, struct coverage_kin *out), void *ctx);

#endif
