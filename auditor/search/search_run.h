/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_RUN_H
#define SHELLAC_SEARCH_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "search/search.h"
#include "search/search_index.h"

/*
 * Sessions are searched by several threads and printed in their order: each has its turn,
 * those ahead of it wait with what they have to say.
 */
#define RUN_AHEAD 64               /* sessions that are done before their turn */
#define RUN_HELD ((size_t)262144)  /* bytes of output that wait; then their thread does */
#define RUN_THREADS 4

/* What a session had to say. */
struct run_result {
	int done, status;
	uint8_t *text;
	size_t len;
	char say[OUTCOME_LINE_MAX + 64]; /* on stderr, "" nothing */
	uint64_t hits, bounded;
};

struct run {
	struct auditor *a;
	const struct search_want *want;
	struct store_session **session;
	size_t sessions;
	struct search_index *index; /* NULL: none */
	struct search_processes processes;
	char *command;
	pthread_mutex_t lock, store_lock;
	pthread_cond_t moved;
	size_t next;                /* session to begin with */
	atomic_size_t turn;         /* session whose output is printed now */
	atomic_int stop;            /* nobody reads it, or there is enough */
	uint64_t hits, bounded;
	int status;
	uint64_t begun_ns, said_ns; /* progress */
	struct run_result result[RUN_AHEAD];
};

/* One thread's. */
struct searcher {
	struct run *run;
	size_t i; /* its session */
	struct search_patterns patterns;
	struct search_match *match;
	struct search_print print;
	struct sink out;
	struct search_shelf shelf;
	int have_shelf;
	struct block_reader block;
	struct search_session head;  /* of the session at hand */
	struct search_keep *keep;
	int known;                   /* head is set */
	int headed;                  /* and was printed */
	int flushed;                 /* some of its output is out */
	int fd;                      /* its file, -1 none */
	struct cert cert;
	struct run_result result;
};

/* search_session.c: searches session s->i into s->out and s->result; s->keep is then the
 * caller's to end, with *v where that is not NULL. */
const struct verdict *search_session(struct searcher *s, struct verdict *v);

/* A match's show. */
int search_show(void *searcher, const struct search_line *l, int hit, int apart);

/* search_run.c: makes ready for session s->i.  0 or -ENOMEM. */
int search_begin(struct searcher *s);
/* What waits is printed, now or when its turn comes. */
void search_let_go(struct searcher *s);

#endif
