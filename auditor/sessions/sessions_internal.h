/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSIONS_INTERNAL_H
#define SHELLAC_SESSIONS_INTERNAL_H

#include "session_ahead.h"
#include "session_cache.h"
#include "session_ledger.h"
#include "session_processes.h"
#include "session_record.h"
#include "sessions.h"
#include "store/users.h"

/* What has been done for a session of the store. */
enum session_step {
	STEP_TODO,    /* to be judged */
	STEP_KNOWN,   /* as the cache has it */
	STEP_GRADED,  /* so, but the ledger now says something else of it */
	STEP_JUDGED,
	STEP_FAILED,  /* it cannot be read */
};

struct sessions {
	struct auditor *a;
	struct session_record *record; /* in the order of the store; one a session of it until */
	size_t count, cannot;          /* those that cannot be read are left out */
	uint8_t *step;                 /* enum session_step, while it is filled */
	struct users *users;
	void **kept;                   /* what rows' strings point into */
	size_t keeps, keep_room;
	struct session_cache *cache;   /* NULL: there is none */
	struct session_pieces pieces;  /* of it */
	struct kept_block *block;      /* that the cache had */
	size_t blocks, block_room;
	int64_t opened_ns;
	uint8_t ledger[HASH_SIZE];     /* what it was like, see session_ledger_state() */
	int ledger_settled, ledger_changed;
};

/* p is freed with x.  0; or -ENOMEM, and it is free already. */
int sessions_keep(struct sessions *x, void *p);

/* The first row of session n or a later one; sessions_count() where there is none. */
size_t sessions_first(const struct sessions *x, uint64_t n);
/* Which row of x this one is. */
size_t sessions_place(const struct sessions *x, const struct session_row *w);

/* What was written so long ago that another write to it would show: clocks of files stand
 * still for some milliseconds. */
#define SESSIONS_SETTLED_NS INT64_C(2000000000)

/* session_kept.c: takes from the cache what is known of files that are still the same. */
int sessions_load(struct sessions *x);
/* Writes to it what is new; a cache that cannot be written to stays as it is. */
void sessions_save(struct sessions *x);

/* session_work.c: judges what is to be judged. */
int sessions_judge(struct sessions *x, struct session_ledger *l);

/* session_commands.c: fills in what the process records say. */
int sessions_add_processes(struct sessions *x);

#endif
