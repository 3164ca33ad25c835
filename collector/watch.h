/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_WATCH_H
#define SHELLAC_WATCH_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "acct_record.h"
#include "conf_watch.h"

/*
 * Commands that are to run, shellac.conf(5), watch.  A rule is met by each life of its
 * command and user that was not begun by another such one: a daemon's workers, and the
 * sessions it forks, are parts of it.  Start: the first life is there.  End: the last is
 * not.  Absent: none was there for the rule's grace.
 *
 * Lives are told by sights: each may come several times, a look at all of /proc brings
 * all.  What lives when a collector starts has not begun then: no start is said.
 *
 * Pure logic; times are of CLOCK_BOOTTIME.
 */
struct watch;

#define WATCH_LOOK_NS UINT64_C(10000000000) /* from one look at /proc to the next */

enum watch_state { WATCH_BEGAN = 1, WATCH_ENDED = 2, WATCH_ABSENT = 3 };

struct watch_said {
	enum watch_state state;
	const struct conf_watch *rule;
	uint32_t pid;         /* of the life; ABSENT: of the last there was, 0 none */
	uint64_t start_ticks;
	uint64_t boot_ns;
};

struct watch_sight {
	uint32_t pid, ppid;
	uint64_t start_ticks; /* 0: not known */
	uint32_t uid;
	char comm[ACCT_COMM]; /* hostile; no zero where it is full */
};

struct watch_ops {
	void (*said)(void *ctx, const struct watch_said *s);
	/* uid of a rule's user: 1, or 0 there is none: nothing is the rule's */
	int (*uid)(void *ctx, const char *user, uid_t *uid);
	void *ctx;
};

/* rules are copied, and so is ops.  0 or -ENOMEM. */
int watch_new(struct watch **out, const struct conf_watch *rules, unsigned count,
    const struct watch_ops *ops, uint64_t boot_ns);
void watch_free(struct watch *w); /* NULL is fine */

/* Are these its rules?  w NULL: has none. */
int watch_is(const struct watch *w, const struct conf_watch *rules, unsigned count);

/* Is this command in a rule, or this pid a life that was seen?  Then it is a sight. */
int watch_wants(const struct watch *w, const char comm[ACCT_COMM]);
int watch_has(const struct watch *w, uint32_t pid);

/* A life that begins a program, or is seen in a look. */
void watch_seen(struct watch *w, const struct watch_sight *s, uint64_t boot_ns);
/* One that has ended; start_ticks 0: not known. */
void watch_ended(struct watch *w, uint32_t pid, uint64_t start_ticks, uint64_t boot_ns);

/* Before and after a look that brings all lives there are. */
void watch_look(struct watch *w);
void watch_looked(struct watch *w, uint64_t boot_ns);

/* Says what is due.  Milliseconds until something may be, -1 for never. */
int watch_turn(struct watch *w, uint64_t boot_ns);

/* For status, a new array: rule, command, user, state "present" | "gone" | "absent", pid,
 * lives. */
json_t *watch_status(const struct watch *w);

#endif
