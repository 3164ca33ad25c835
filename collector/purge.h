/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PURGE_H
#define SHELLAC_PURGE_H

#include <stdint.h>

#include "collector.h"

/*
 * Deletes the payload of sessions that have ended: those that are older than
 * conf.retention, looked for when the collector starts and then once a day, and
 * those that root names.  One after the other: what stays is written beside, on
 * disk; the ledger's PURGE is on disk; then the one takes the other's place.  What a
 * crash leaves in between the next start finishes, where PURGE is in the ledger, or
 * forgets.  A hold wins.
 */
struct purger;

/* Begins, with what an earlier collector left; the ledger is open.  0 or -errno. */
int purger_new(struct purger **out, struct collector *c);

/* Ends the thread; what was not begun is not done, and its done is not called.  Before
 * the ledger and the packer are closed.  NULL is fine. */
void purger_free(struct purger *p);

/* The configuration is another: looks for what is due by it, soon. */
void purger_configured(struct purger *p);

struct purge_result {
	int error;              /* 0, or why nothing was deleted: see purge_text() */
	uint64_t chunks, bytes; /* whose payload went, and how much */
};

/* Deletes the payload of session n.  leave: what allows it, which must name the session;
 * or NULL.  done is called from the loop, unless purger_forget() or purger_free() comes
 * first.  0 or -ENOMEM. */
struct purge_leave;
int purger_ask(struct purger *p, uint64_t n, const struct purge_leave *leave,
    void (*done)(void *arg, const struct purge_result *r), void *arg);

/* Nobody waits with this any more; what was asked for is done all the same. */
void purger_forget(struct purger *p, const void *arg);

/* Is the session's payload being deleted, so that a hold comes too late? */
int purger_is_late(const struct purger *p, uint64_t n);

/* What an error of a purge says to who asked. */
const char *purge_text(int error);

#endif
