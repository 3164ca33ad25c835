/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TIMELINE_H
#define SHELLAC_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include "auditor.h"
#include "words/expression.h"

/*
 * All that a host says of a time, by the wall clock: its sessions, what ran, what nobody
 * recorded, the ledger's entries, and what input plugins brought.
 */
#define TIMELINE_SEE 128

struct timeline_row {
	int64_t wall_ns;
	const char *kind;   /* "session-start", "process", "input", ...: static */
	const char *source; /* "sessions", "processes", "coverage", "ledger", or the plugin's name */
	uint64_t session;   /* 0: of none, or not known */
	const char *user;   /* "" not known; hostile, as text */
	const char *text;
	const char *json;   /* what a plugin brought, or NULL */
	size_t json_len;
	char see[TIMELINE_SEE]; /* the command that shows more */
	size_t order;       /* in which it was read */
};

/* When a session began, for what accounting knows to the second. */
struct timeline_begin {
	uint64_t n;
	int64_t wall_ns;
};

struct timeline {
	int64_t since_ns, until_ns;
	int all;                 /* processes of no session, too */
	struct expression *only; /* NULL: all */
	const char *host;        /* of a fleet: whose store it is; or NULL */
	struct timeline_row *row;
	size_t rows, room;
	struct timeline_begin *begin; /* by n */
	size_t begins, begin_room;
	int error;               /* the first: -ENOMEM */
	int wrong;               /* something read is not right, which was said */
};

/* Takes a row, of which all is copied, where it was asked for. */
void timeline_add(struct timeline *t, const struct timeline_row *r);
/* By time. */
void timeline_sort(struct timeline *t);
void timeline_release(struct timeline *t);

/* Each 0 or negative, which was not said. */
int timeline_sessions(struct timeline *t, struct auditor *a);
int timeline_coverage(struct timeline *t, struct auditor *a);
int timeline_processes(struct timeline *t, struct auditor *a);
int timeline_ledger(struct timeline *t, struct auditor *a);

/* The words kind, source, session, user, text, host, fromdate, todate; the subject is a struct
 * timeline_row.  As expression_parse(). */
int timeline_words(struct timeline *t, int argc, char *const *argv, char why[EXPRESSION_WHY]);

/* The host of a fleet that the words want every row to be of, or NULL.  *some: they say
 * something of hosts. */
const char *timeline_wanted_host(const struct timeline *t, int *some);

void timeline_print(const struct timeline *t, int json);

/* "shellac replay --at DATE N" */
void timeline_see_replay(struct timeline_row *r);

#endif
