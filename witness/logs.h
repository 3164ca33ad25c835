/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LOGS_H
#define SHELLAC_LOGS_H

#include <pthread.h>
#include <sys/queue.h>

#include "checkpoint.h"
#include "note.h"

/*
 * The logs that a witness watches, and what it cosigned last of each.  In the state
 * folder a log is the file SHA-256(origin) in hex: the note with the log's signature
 * and ours.  The same with ".conflict" is the first one that a log signed and that
 * does not fit to what we knew: evidence, never looked at by the program.
 */
#define LOGS_KEYS 4 /* of one log */
#define LOGS_HEX 64

struct log_state {
	SLIST_ENTRY(log_state) link;
	char origin[NOTE_NAME_MAX + 1];
	char file[LOGS_HEX + 1];
	struct note_key key[LOGS_KEYS];
	unsigned keys;
	pthread_mutex_t lock; /* size and root, and the file */
	uint64_t size;        /* 0: never cosigned, or an empty tree */
	uint8_t root[MERKLE_HASH];
};

struct logs {
	SLIST_HEAD(, log_state) all;
	unsigned count;
	int dir; /* of state; the caller's */
};

void logs_init(struct logs *l, int dir);
void logs_free(struct logs *l);

/* The key of a log; its name is the origin.  Before any thread.  0, -ENOMEM, or E_RANGE
 * (too many of one log). */
int logs_add(struct logs *l, const struct note_key *key);

/* Reads what was cosigned; own is who did.  0, -errno, or E_SIGNATURE and such for a
 * file that is not one of ours; *bad is then its log. */
int logs_load(struct logs *l, const struct note_key *own, const struct log_state **bad);

/* By its origin; by the name of its file.  NULL: unknown. */
struct log_state *logs_find(struct logs *l, const char *origin);
struct log_state *logs_find_file(struct logs *l, const char *file);

/* Writes the note that is cosigned now, on disk when this returns, and takes size and
 * root over.  s is locked.  0 or -errno: nothing was taken over. */
int logs_store(struct logs *l, struct log_state *s, const struct checkpoint *c,
    const char *note, size_t len);

/* Keeps the first note that does not fit.  s is locked.  0 or -errno. */
int logs_conflict(struct logs *l, const struct log_state *s, const char *note, size_t len);

#endif
