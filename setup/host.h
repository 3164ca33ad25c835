/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_HOST_H
#define SHELLAC_SETUP_HOST_H

#include <limits.h>
#include <pwd.h>
#include <stdarg.h>

#include "record.h"
#include "setup.h"

/* What all of setup works with. */
struct host {
	const struct setup_request *q;
	struct tree tree;
	const char *what;     /* that is being set up */
	struct record record; /* what was done before, and what is to be */
	int folder;           /* of the record; -1: there is none yet */
	int is_loaded;        /* the record of that folder was read */
	int wrong;            /* how often host_wrong() was said */
	struct tree_file passwd; /* TREE_NONE: not read yet */
	char failed[PATH_MAX];   /* what could not be looked at, when that was last so */
};

void host_say(const struct host *h, enum setup_word word, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Something is in the way; counted. */
void host_wrong(struct host *h, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of what could not be looked at or changed: with what to do, where that is known. */
void host_could_not(struct host *h, const char *name, const char *what, int r);

/* The same, which --force goes over: then it is said and not counted. */
void host_doubt(struct host *h, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Goes through passwd(5) of the host, alone: users of a directory have their shells there.
 * Calls see with each until that is not 0, which it returns; 0 at the end, or -errno. */
int host_users(struct host *h, int (*see)(void *ctx, const struct passwd *pw), void *ctx);

/* The user's line in *pw, with strings in static storage until the next call.  0, -ENOENT
 * or -errno. */
int host_user(struct host *h, const char *name, struct passwd *pw);

/* 1 where the user is of that group of group(5), 0, or -ENOENT: there is no such group, or
 * another -errno. */
int host_in_group(struct host *h, const struct passwd *pw, const char *group);

/* passwd(5) has changed. */
void host_forget_users(struct host *h);

/* 1 where the path of the host is the recorder, by whatever name. */
int host_is_recorder(const struct host *h, const char *path);

/* 1 where shells(5) has this very line. */
int host_shell_is_listed(const struct host *h, const char *path);

/* The first path of shells(5) with that last part, that is there; 0, or -ENOENT. */
int host_listed_shell(const struct host *h, const char *name, char *path, size_t size);

/* What an item's file, or its user's shell, is now.  0 or a negative code. */
int host_look(struct host *h, const struct item *item, struct tree_file *f);
int host_put(struct host *h, const struct item *item, const struct tree_file *f);

/* Says what makes one of the other, line by line. */
void host_show(const struct host *h, const char *name, enum item_kind kind,
    const struct tree_file *from, const struct tree_file *to);

#endif
