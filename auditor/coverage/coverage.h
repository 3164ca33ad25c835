/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COVERAGE_H
#define SHELLAC_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "acct_record.h"
#include "cert.h"
#include "store/store.h"
#include "store/users.h"

/*
 * Who was on a host in some time, recorded and not: from the sessions' certificates, the
 * TERMINAL slots of its process records, and its ledger; and the times that nobody can
 * say that of.
 */
enum cover_kind {
	COVER_SESSION,
	COVER_UNRECORDED,
	COVER_LEAD_IN,  /* was said to be unrecorded; then its recorder came */
	COVER_GAP,
};

struct cover_row {
	enum cover_kind kind;
	const char *host;       /* of a fleet: as it calls it, hostile; else NULL */
	uint64_t n;             /* the session; of a LEAD_IN its own */
	int64_t from_ns, to_ns; /* wall clock */
	int ended;              /* to_ns is known */
	int live;               /* it goes on, as far as the store says */
	uint32_t uid, pid, tty_dev;
	uint64_t start_ticks;
	uint8_t boot_id[BOOT_ID_SIZE];
	uint32_t processes;     /* 0: not known */
	uint64_t leaf;          /* UNRECORDED in the ledger */
	int has_leaf;
	uint8_t origin;
	char user[CERT_USER_MAX + 1]; /* hostile, as all that follows; "" is not known */
	char tty[CERT_TTY_MAX + 1];
	char from[CERT_FROM_MAX + 1]; /* where it came from, how it came in */
	char what[64];          /* its first program; why nobody can say */
};

#define COVER_SEEN_ACCT 1
#define COVER_SEEN_EVENTS 2

struct cover {
	int64_t since_ns, until_ns;
	struct cover_row *row;
	size_t rows, room;
	unsigned seen;          /* by what: COVER_SEEN_ */
	int64_t *closed;        /* when session i was, 0 not known */
	size_t closed_room;
	struct cover_leaf *leaf; /* UNRECORDED that no row has taken yet */
	size_t leaves, leaf_room;
	int64_t last_ns;        /* of the ledger's last entry */
};

void cover_release(struct cover *c);

/* A new row of zeros, valid until the next; NULL without memory. */
struct cover_row *cover_add(struct cover *c, enum cover_kind kind);

/* Reads the ledger: what it closed, its UNRECORDED, and when no collector ran.  Before the
 * others.  0; 1 where it is not right, which was said; or a negative code. */
int cover_ledger(struct cover *c, const struct store *s);
/* Sessions of a walked store.  0 or a negative code. */
int cover_sessions(struct cover *c, const struct store *s);
/* Process records.  The number of files or a negative code; *trouble is set where one is
 * not right, which was said. */
long cover_processes(struct cover *c, const struct store *s, int *trouble);

/* Drops what is outside of the time asked for, names users, puts the rest in order. */
void cover_finish(struct cover *c, struct users *users);

/* Puts those of a fleet's host, which it is finished with, to the others.  name stays the
 * caller's, longer than to.  0 or -ENOMEM. */
int cover_join(struct cover *to, const struct cover *from, const char *name);

/* How many rows there are of each kind. */
struct cover_count {
	size_t sessions, unrecorded, lead_ins, gaps, live;
};
struct cover_count cover_count(const struct cover *c);

/* Prints rows, and the summary last; fleet: with their hosts. */
void cover_print(const struct cover *c, int fleet);
void cover_json(const struct cover *c);

#endif
