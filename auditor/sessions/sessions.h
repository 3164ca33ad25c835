/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSIONS_H
#define SHELLAC_SESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "auditor.h"
#include "store/fleet_store.h"
#include "words/expression.h"
#include "verify/judge.h"
#include "witness_policy.h"

/*
 * All sessions of the open store with what is known of each, kept in a cache of the
 * auditor's own (cache.h, kind "session") and brought up to date when it is opened: a file
 * that is not the one that was judged (device, inode, size, mtime, ctime) is judged again.
 */
struct session_row {
	struct store_session *entry; /* of a->store */
	int have_cert;
	const char *user, *tty, *host, *from, *cwd; /* "" not known; hostile */
	const char *program, *args; /* that was run, its arguments with blanks between them */
	uint32_t uid, gid;
	const char *as;      /* users that its processes ran as, by commas, "" none other */
	int64_t start_ns;    /* wall clock; 0 not known */
	int64_t end_ns;      /* 0: not ended, or not known */
	uint64_t length_ns;  /* of the session's own clock */
	uint64_t active_ns;  /* of it, without pauses of over 5 s */
	uint64_t bytes_in, bytes_out, lost, hidden;
	uint64_t commands;   /* processes that exec'd; have_commands 0: not known */
	int have_commands;
	enum verdict_status status;
	int level;           /* LEVEL_NONE, or 0..3 by the ledger of the store */
	int exited, wait_status; /* END was seen; wait(2) */
	unsigned findings;
	int64_t finding_chunk;   /* of the first */
	const char *finding;     /* its text, "" none */
};

struct sessions;

/* sessions_open() will follow for the store at this path: what is known of it is read while
 * the store is opened.  Before auditor_open(). */
void sessions_ahead(const char *store_path);

/* After auditor_open() and auditor_want_all().  Says on a terminal that it works where that
 * takes long.  A file that cannot be read is said and has no row: sessions_cannot().  0 or
 * negative, which was said. */
int sessions_open(struct sessions **out, struct auditor *a);
void sessions_free(struct sessions *x); /* NULL is fine */

/* The same; whose cosignatures count for level 3. */
struct sessions_ask {
	const struct witness_policy *policy; /* NULL: nobody's */
	const char *policy_path;             /* the file that it is from */
};
int sessions_open_asked(struct sessions **out, struct auditor *a, const struct sessions_ask *ask);

size_t sessions_count(const struct sessions *x);
/* i: from 0, by number.  Valid until sessions_free(). */
const struct session_row *sessions_row(const struct sessions *x, size_t i);

/* How many files could not be read. */
size_t sessions_cannot(const struct sessions *x);

/* The words of list, for others that take them too: user host tty command cwd fromdate
 * todate group runas from status level contains exit longer.  The subject of expression_test() is a
 * const struct session_row * of x.  0; -ENOMEM; E_FORMAT with why. */
int sessions_expression(struct expression **out, struct sessions *x, int argc,
    char *const *argv, char why[EXPRESSION_WHY]);

/* What such words say before a session is read: which hosts and sessions of a fleet's index
 * they can be about. */
struct session_asked {
	struct expression *only;
	struct fleet_narrow narrow; /* points into only */
};

/* As sessions_expression(). */
int session_asked_read(struct session_asked *out, int argc, char *const *argv,
    char why[EXPRESSION_WHY]);
void session_asked_release(struct session_asked *x);
/* Is narrow less than all?  1 or 0. */
int session_asked_narrows(const struct session_asked *x);
/* Can they be about a session of the host of that name?  1 or 0. */
int session_asked_host(const struct session_asked *x, const char *name);

#endif
