/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIVES_INTERNAL_H
#define SHELLAC_LIVES_INTERNAL_H

#include <sys/queue.h>

#include "lives.h"

/* What the children of a life get. */
struct lives_scope {
	uint64_t session, outer; /* 0 for none */
	uint32_t keeper_pid;
	uint8_t certainty;       /* enum process_certainty; CERTAIN_NOT_SAID: nothing is known */
};

struct life_node {
	struct life life;
	struct lives_scope scope;
	struct lives_scope own;     /* where has_own: what it got from a keeper, or from
	                             * nobody, that is no longer here */
	uint8_t gives;              /* origin of its children */
	uint64_t keeper_of;         /* session whose keeper it is */
	struct life_node *next;     /* in its bucket; of one pid the oldest first */
	struct life_node *above;    /* the nearest ancestor that is known still */
	LIST_HEAD(, life_node) below;
	LIST_ENTRY(life_node) beside;
	TAILQ_ENTRY(life_node) waits; /* where life.exited */
	uint32_t parent_now;        /* while rebuilding */
	unsigned from_proc : 1; /* its fork was not seen */
	unsigned likely : 1;    /* and a keeper may have been above it */
	unsigned unsure : 1;    /* forked while forks may have been missed */
	unsigned has_own : 1;
	unsigned logs_in : 1;   /* it ran a program that says where its children come from */
	unsigned gone : 1;      /* not in /proc when it was looked for */
	unsigned seen : 1;      /* while rebuilding */
};

/* A keeper whose life is not known. */
struct lives_keeper {
	uint64_t n, start_ticks;
	uint32_t pid;
};

#define LIVES_RECENT 4096

struct lives {
	struct lives_ops ops;
	struct life_node **bucket;
	size_t buckets; /* a power of two */
	TAILQ_HEAD(, life_node) waiting;
	struct lives_keeper *keeper;
	size_t keepers, keeper_room;
	uint64_t first_keeper; /* start of the oldest one there was; UINT64_MAX */
	int records, lost, doubt;
	/* the last life of a pid that was removed, for ordinals */
	struct {
		uint64_t start_ticks;
		uint32_t pid;
		uint16_t ordinal;
	} recent[LIVES_RECENT];
	struct lives_counts count;
};

/* A fork's event comes a little after the start of what was forked, when the machine is
 * busy in the next tick now and then. */
#define LIVES_LATE_TICKS 5

/* lives.c */
/* Is f the life that began then, as /proc says?  Then it knows so from now on. */
int lives_is(struct life_node *f, uint64_t start_ticks);
/* The newest life of pid, or NULL. */
struct life_node *lives_find(const struct lives *l, uint32_t pid);
/* A new life, the newest of its pid, without ancestors; NULL without memory. */
struct life_node *lives_add(struct lives *l, uint32_t pid, uint64_t start_ticks);
/* Its children get its own ancestor. */
void lives_remove(struct lives *l, struct life_node *f);
void lives_put_below(struct life_node *f, struct life_node *above);
/* The life of pid has exited: removed if there is no record to come. */
void lives_exited(struct lives *l, uint32_t pid);
void lives_set_exited(struct lives *l, struct life_node *f, int exited);

/* lives_label.c */
/* The label that f has by the one above, or as a keeper. */
void lives_label(struct life_node *f);
/* The same for f and all below. */
void lives_label_tree(struct life_node *f);
/* Calls fn for top and all below, those above first. */
void lives_walk(struct life_node *top, void (*fn)(void *arg, struct life_node *f), void *arg);
/* f is the keeper of session n; it is not labelled. */
void lives_be_keeper(struct lives *l, struct life_node *f, uint64_t n);
/* Those of the terminal session of f's parent become lead-in of session n. */
void lives_lead_in(struct lives *l, const struct life_node *f, uint64_t n);

/* lives_origin.c */
/* f has begun a program, whose name is in its life. */
void lives_origin(const struct lives *l, struct life_node *f);
/* f was forked by, or was found below, the one above it. */
void lives_origin_from(struct life_node *f);

#endif
