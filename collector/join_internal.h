/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JOIN_INTERNAL_H
#define SHELLAC_JOIN_INTERNAL_H

#include "join.h"
#include "join_map.h"

/* What the children of a life get. */
struct join_label {
	uint64_t session, outer; /* 0 for none */
	uint32_t keeper_pid;
	uint8_t reason; /* REASON_ANCESTRY, _ANCESTRY_LIVE, _NO_RECORDER or _BROKEN */
};

/* When a life ended, which its record says to a second only. */
struct join_when {
	/* between these: when records were read; CLOCK_MONOTONIC, as lived_ns, and
	 * CLOCK_BOOTTIME, as starts in /proc.  from 0: not known. */
	uint64_t from_ns, to_ns, from_boot_ns, to_boot_ns;
	uint64_t lived_ns;
	int64_t end_s; /* the wall clock's second of its end, exact */
};

struct join_keeper {
	uint64_t n, outer, start_ticks, commands;
	uint32_t pid, tty_dev;
	uint32_t older; /* index + 1 of another keeper with this pid */
	unsigned exact : 1, retired : 1, outer_known : 1;
};

/* A process that lived when it was looked at. */
struct join_live {
	uint32_t pid;
	unsigned gone : 1; /* it did not */
	unsigned once : 1; /* holds for the batch only: its record may have been read */
	uint64_t start_ticks;
	struct join_label label;
};

/* Of the lives that its parent's pid had: the one whose record comes later, or which
 * lives; one whose record came before; nobody knows. */
enum join_parent { JOIN_LATER, JOIN_BEFORE, JOIN_EITHER };

/* What is known of a record's life. */
struct join_known {
	uint64_t session, start_ticks;
	uint32_t parent_pid, sid;
	uint16_t ordinal, flags;
	uint8_t reason, certainty, origin;
	uint8_t is_known; /* 0, 1 or 2: join_ops.life */
	uint8_t in_doubt;
};

/* a pending record */
struct join_entry {
	uint8_t raw[ACCT_SIZE];
	uint32_t kernel_file, place;
	uint32_t pid, ppid;
	uint32_t keeper; /* index + 1 of the keeper whose record it is */
	uint64_t lead_in; /* session whose lead-in it is; 0 */
	uint32_t parent; /* index + 1 of the parent's record */
	uint32_t other;  /* of an earlier life of the parent's pid the same, or other_label */
	uint16_t tty;
	uint8_t mark;
	uint8_t which;   /* enum join_parent */
	struct join_label label, other_label;
	struct join_when when;
	struct join_known known;
};

enum { MARK_NONE, MARK_PATH, MARK_DONE }; /* of the way up */

/* A keeper that a signal ended: what it had below went to process 1. */
struct join_killed {
	uint64_t n, start_ticks;
	struct join_when when;
};

#define JOIN_KILLED 64 /* of them remembered */
#define JOIN_ENDED 4096 /* lives remembered after their record was settled */
#define JOIN_LIVE_MAX 65536

struct join {
	struct join_ops ops;
	int other_boot;
	struct join_entry *entry;
	size_t entries, entry_room;
	size_t asked; /* of them, the first, whose lives were asked for */
	size_t timed; /* of them, that know when they were read */
	struct join_keeper *keeper;
	size_t keepers, keeper_room;
	struct join_live *live;
	size_t lives, live_room;
	struct {
		uint32_t pid;
		struct join_label label;
		struct join_when when;
	} ended[JOIN_ENDED];
	size_t ended_next;
	struct join_killed killed[JOIN_KILLED];
	size_t killed_next;
	struct join_map keeper_by_pid, keeper_by_n, live_by_pid, ended_by_pid;
	struct join_map lead_in; /* pid of who lives, to the index of a keeper */
	struct join_map later, before; /* within the batch, for join_look() */
};

/* join_fill.c */
/* Asks for the lives of new entries. */
void join_ask(struct join *j);
/* The record of a settled entry. */
void join_fill(const struct join *j, const struct join_entry *e, struct process_record *r);

/* join_when.c */
void join_when_init(struct join_when *w, const struct acct_record *r);
/* Which life of its ppid was the parent of this one when it ended: an earlier one, whose
 * record came before, or a later one, whose came behind, or which lives since start. */
enum join_parent join_when_parent(const struct join_when *before, const struct join_when *of,
    const struct join_when *later);
enum join_parent join_when_parent_lives(const struct join_when *before,
    const struct join_when *of, uint64_t start_ticks);

/* join_orphan.c */
/* Remembers the keeper whose record e is, if a signal ended it. */
void join_orphan_look(struct join *j, const struct join_entry *e);
/* May this child of process 1, which has ended, or which lives since start, have been
 * below such a keeper?  Nobody knows. */
int join_orphan_may_be(const struct join *j, const struct join_when *of);
int join_orphan_may_live(const struct join *j, uint64_t start_ticks);

/* join_keeper.c */
/* index + 1 of the keeper with this pid and start, 0 for none */
uint32_t join_keeper_find(const struct join *j, uint32_t pid, uint64_t start_ticks);
/* index + 1 of the keeper whose record this is, which is retired by it; 0 */
uint32_t join_keeper_ended(struct join *j, const struct acct_record *r);
/* session whose lead-in this record is; once.  0 */
uint64_t join_lead_in_ended(struct join *j, uint32_t pid);
void join_keeper_label(const struct join_keeper *k, struct join_label *label);

/* join_live.c */
/* the entry of pid, or NULL */
struct join_live *join_live_get(struct join *j, uint32_t pid);
/* Looks at pid and its ancestors.  Number of processes looked at or -ENOMEM. */
int join_live_walk(struct join *j, uint32_t pid);
void join_live_drop(struct join *j, uint32_t pid);
void join_live_drop_once(struct join *j);
void join_live_clear(struct join *j);

#endif
