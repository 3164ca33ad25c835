/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_LIVES_H
#define SHELLAC_SESSION_LIVES_H

#include "auditor.h"
#include "procs/procs.h"

/* The processes of one session, by their start, those that still run included; built on
 * procs_store() and procs_copy_new(). */
struct session_lives {
	struct procs_copy **life; /* procs_copy_row() gives each */
	size_t lives, room;
	int known;                /* 0: there are no process records for this time */
};

/* When a life began, nanoseconds since 1970: to a tick where that is known; else from when
 * its record was read, as far as the kernel's rounded second does not contradict. */
int64_t session_life_start(const struct procs_row *r);

/* n: the session's number.  0 and *out, freed by session_lives_free(); or negative. */
int session_lives_of(struct session_lives **out, struct auditor *a, uint64_t n);
void session_lives_free(struct session_lives *l); /* NULL is fine */

#endif
