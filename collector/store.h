/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STORE_H
#define SHELLAC_STORE_H

#include <stdint.h>
#include <sys/types.h>

#include "seal.h"
#include "store_name.h"

/* shellac-format(5), THE STORE.  Names that begin with STORE_TEMP are unfinished
 * work; start-up removes them. */
#define STORE_TEMP "."
#define STORE_TEMP_MAX (STORE_NAME_MAX + 8)

struct store {
	int dir, session; /* folders */
	uint64_t number;  /* of the last session */
};

/* Opens the store at path, made 0700 if missing, and takes its lock, which goes
 * with the process.  0, -EWOULDBLOCK when another collector holds it, -errno,
 * E_FORMAT for a malformed number file. */
int store_open(struct store *s, const char *path);
void store_close(struct store *s);

/* Opens the folder of a day as store_day() wrote it; with make it is made, and
 * on disk when this returns.  Descriptor or -errno. */
int store_day_open(const struct store *s, const char *day, int make);

/* Makes the live file of session name->n, which must be s->number + 1, with
 * these first bytes.  When it returns, file, name and, last, the number survive
 * the end of the process: a crash in between leaves a file whose number is one
 * above the number file's, see store_saw().  On disk is what is synced: the file
 * with fdatasync(2), its name with fsync(2) of *folder, which becomes the
 * caller's.  Returns a descriptor for appending and reading, or -errno with
 * nothing changed. */
int store_create(struct store *s, const char *day, const struct session_name *name,
    const void *first, size_t len, int *folder);

/* Takes back what store_create() made last, for a session that was not to be.  0 or
 * -errno: it may be there. */
int store_uncreate(struct store *s, const char *day, const struct session_name *name);

/* A live file with this number was found: the number file is raised to it if it
 * is behind.  0 or -errno. */
int store_saw(struct store *s, uint64_t n);

/* Renames a session's file to the given state; name->state changes when it
 * worked.  Not synced: a name that goes with the power is given again by the next
 * start.  0 or -errno. */
int store_rename(const struct store *s, const char *day, struct session_name *name,
    enum session_state to);

/* Calls fn for each file of the store's day folders that are not before since
 * ("" for all), in no order: name as it is in the folder dirfd.  fn may rename
 * and remove.  fn returns 0 to go on; anything else ends the walk and is
 * returned.  Else 0 or -errno. */
typedef int (*store_fn)(void *arg, int dirfd, const char *day, const char *name);
int store_walk(const struct store *s, const char *since, store_fn fn, void *arg);

#endif
