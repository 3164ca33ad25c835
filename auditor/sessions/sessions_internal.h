/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSIONS_INTERNAL_H
#define SHELLAC_SESSIONS_INTERNAL_H

#include "session_record.h"
#include "sessions.h"
#include "users.h"

struct sessions {
	struct auditor *a;
	struct session_record *record; /* in the order of the store */
	size_t count, cannot;
	struct users *users;
	void **kept;                   /* what rows' strings point into */
	size_t keeps, keep_room;
};

/* The first row of session n or a later one; sessions_count() where there is none. */
size_t sessions_first(const struct sessions *x, uint64_t n);
/* Which row of x this one is. */
size_t sessions_place(const struct sessions *x, const struct session_row *w);

#endif
