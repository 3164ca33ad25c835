/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COVERAGE_INTERNAL_H
#define SHELLAC_COVERAGE_INTERNAL_H

#include <sys/queue.h>

#include "coverage.h"

#define COVERAGE_BUCKETS 1024
#define DUE_LOOK UINT64_MAX
#define DUE_TURN 0 /* OVER: so long after the next turn, as what is told may be long past */
#define OVER_NS 2000000000ULL
#define TICK_NS 10000000ULL

enum use_state {
	USE_HELD,    /* may be a lead-in: said at due_ns */
	USE_SAID,
	USE_COVERED, /* a recorder has this terminal; nothing of it is a row */
	USE_OVER,    /* kept until due_ns for records of it that come late */
};

/* One use of a terminal, or a login without one. */
struct use {
	LIST_ENTRY(use) link;    /* all */
	LIST_ENTRY(use) by_sid;
	LIST_HEAD(, member) members; /* that live, as far as was seen */
	enum use_state state;
	uint32_t sid;            /* 0: not known, by accounting alone */
	uint64_t sid_start;
	uint32_t tty_dev;
	uint64_t n;              /* COVERED: by this session, at at_ns; HELD: by it before */
	uint64_t at_ns;
	struct coverage_front front; /* of that recorder */
	int ended;               /* that session has, or the terminal's */
	int idle;                /* HELD because its recorder ended, nothing began since */
	int leaves_only;         /* HELD until a look shows who leads it */
	uint64_t due_ns;         /* HELD, OVER; DUE_LOOK: at the next look */
	uint64_t generation;     /* of the look that is under way when it was seen last */
	/* the row */
	uint32_t pid, uid;
	uint64_t start_ticks;
	uint64_t from_ns, to_ns;
	uint64_t first_ticks;    /* start of the earliest life, that says uid and comm */
	uint32_t processes;
	uint8_t origin;
	char comm[ACCT_COMM];
};

struct member {
	LIST_ENTRY(member) of_use;
	LIST_ENTRY(member) by_pid;
	struct use *use;
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t generation;
	int counts;              /* the row goes on while it lives; not what was lead-in */
};

/* One that had ended when it was seen, by accounting alone, and had no terminal: a login
 * if its parent turns out to be sshd. */
struct recent {
	LIST_ENTRY(recent) by_parent;
	struct sight sight;      /* pid 0: none */
};
#define COVERAGE_RECENT 4096

struct coverage {
	struct coverage_ops ops;
	LIST_HEAD(, use) uses;
	LIST_HEAD(, use) sids[COVERAGE_BUCKETS];   /* of those whose sid is known */
	LIST_HEAD(, member) pids[COVERAGE_BUCKETS];
	uint64_t generation;
	struct recent *recent;   /* a ring; NULL until it is needed */
	unsigned next;           /* of it, to be used */
	LIST_HEAD(, recent) parents[COVERAGE_BUCKETS];
};

/* coverage_recent.c */

/* Keeps it until its parent is known. */
void recent_keep(struct coverage *c, const struct sight *s);
/* This is the parent of those that name its pid: what was a login is seen as one. */
void recent_parent(struct coverage *c, const struct sight *s);

/* coverage_use.c */

/* The use that a sight belongs to, or NULL. */
struct use *use_find(const struct coverage *c, uint32_t sid, uint64_t sid_start, uint32_t tty_dev);
/* The newest of this terminal, as far as accounting can tell terminals apart.  alive: of
 * a process that began at this time, to a second; 0: not known. */
struct use *use_find_terminal(const struct coverage *c, uint32_t tty_dev, uint64_t alive_ns);
int use_is_on(const struct use *u, uint32_t tty_dev);
/* A new one, HELD; NULL without memory. */
struct use *use_new(struct coverage *c, uint32_t sid, uint64_t sid_start, uint32_t tty_dev);
void use_name(struct coverage *c, struct use *u, uint32_t sid, uint64_t sid_start);
/* Is nobody there but its recorder's front?  Whoever is. */
int use_is_front_alone(const struct coverage *c, const struct use *u);
/* Its members go with it. */
void use_free(struct use *u);

struct member *member_find(const struct coverage *c, uint32_t pid, uint64_t start_ticks);
void member_add(struct coverage *c, struct use *u, const struct sight *s, int counts);
void member_free(struct member *m);

/* coverage_row.c */

/* Says that it begins, which makes it SAID; that it is over, which leaves it to the caller
 * what it is then.  lead_in: the session whose lead-in it was, or 0. */
void row_begins(struct coverage *c, struct use *u);
void row_ends(struct coverage *c, struct use *u, uint64_t boot_ns, uint64_t lead_in);
/* OVER, without a word; forgets who was in it. */
void row_drop(struct use *u, uint64_t boot_ns);
/* What is due is said, or found to be none. */
void row_due(struct coverage *c, struct use *u, uint64_t boot_ns);
/* SAID and nobody left that counts: it ends. */
void row_check(struct coverage *c, struct use *u, uint64_t boot_ns);

#endif
