/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STORE_H
#define SHELLAC_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "store_name.h"

/* Which file it is and whether it was written to: whoever can do that and leave this as it
 * was owns the machine's clock. */
struct store_state {
	uint64_t dev, ino, size; /* ino 0: not known */
	int64_t mtime_ns, ctime_ns;
};

/*
 * A store as its folders show it, shellac-format(5), THE STORE.  Names come from
 * whoever wrote the store and are hostile; no link is ever followed.
 */
struct store_session {
	struct session_name name;
	char day[STORE_DAY_MAX];
	struct store_state state; /* when the folder was read; through a collector unknown */
};

struct access;
struct fleet_store;

struct store {
	int fd;                        /* -1 where access or fleet is used */
	struct access *access;         /* the collector opens what is in it, or NULL */
	struct fleet_store *fleet;     /* it is in a database, fleet_store.h, or NULL */
	struct store_session *session; /* by n, then by id */
	size_t sessions, session_room;
	char **stray;                  /* paths of what does not belong there */
	size_t strays, stray_room;
	uint64_t last;                 /* the file number; 0 where there is none */
};

/* Opens the folder; reads nothing yet.  0 or -errno. */
int store_open(struct store *s, const char *path);
void store_close(struct store *s);

/* The same for one that only its collector may open; takes over access. */
void store_open_by(struct store *s, struct access *access);

/* All sessions are about to be read: through a collector that is logged once, and not
 * once for each.  0, -errno or E_REFUSED. */
int store_want_all(const struct store *s);

/* Reads number, then the folders, forgetting what an earlier walk found.  A
 * store without sessions is fine.  0 or -errno. */
int store_walk(struct store *s);

/* The place of the first session with this number or a higher one; s->sessions where there is
 * none. */
size_t store_first(const struct store *s, uint64_t n);

/* Opens the session's file.  A descriptor or -errno (-ELOOP for a link, -EINVAL
 * for what is no regular file).  A live session that was closed or cut since
 * the walk is opened under its new name, which e then has. */
int store_open_session(const struct store *s, struct store_session *e);

/* What the file that fd is of is like.  0 or -errno. */
int store_state_of(struct store_state *out, int fd);
/* 1 or 0 */
int store_state_same(const struct store_state *a, const struct store_state *b);

/* Opens a regular file below the store by its path, following no link.  A
 * descriptor or -errno. */
int store_open_file(const struct store *s, const char *path);

/* Opens a folder below the store to read its names, and for nothing else.  As above;
 * -ENOTSUP of a store in a database, which has none. */
int store_open_folder(const struct store *s, const char *path);

/* Tells the names in a folder below the store, in any order; take returns 0 to go on.  What
 * it returned, 0, or -errno: -ENOENT, there is no such folder (or, in a database, nothing
 * in it). */
int store_list(const struct store *s, const char *path,
    int (*take)(void *arg, const char *name), void *arg);

/* What the file or folder at path is like, without reading it.  0 or -errno. */
int store_file_state(const struct store *s, const char *path, struct store_state *out);

/* Reads a file of at most max bytes into a new zero-ended buffer, which the caller
 * frees.  0, -errno or E_RANGE. */
int store_read_file(const struct store *s, const char *path, size_t max, uint8_t **out,
    size_t *len);

/* "session/2026/11/21/7-<id>.shlc"; out has room for STORE_PATH_MAX chars. */
#define STORE_PATH_MAX (STORE_NAME_MAX + STORE_DAY_MAX + 16)
void store_session_path(char *out, const struct store_session *e);

#endif
