/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_RECORD_H
#define SHELLAC_SETUP_RECORD_H

#include "tree.h"

/*
 * What setup has changed and what was there before: one file, STATE/record, JSON.  An
 * item is written down before the first byte is changed, as pending, and once more when
 * all is well, or it is gone again.  So whoever finds a pending one undoes it: it may
 * have been done or not.
 */
enum item_kind { ITEM_FILE, ITEM_SHELL };

struct item {
	char *what;              /* "profile", ... */
	enum item_kind kind;
	char *name;              /* a file's absolute path; a user of passwd(5) */
	struct tree_file before; /* a user's shell is a link to it */
	struct tree_file after;
	int pending;
	int mark;                /* of whoever goes through them; not kept */
};

struct record {
	struct item *item;
	size_t count, room;
};

#define RECORD_NAME "record"
#define RECORD_MAX (64 << 20)
#define RECORD_ITEMS_MAX 65536
#define RECORD_USER_MAX 32

/* Copies what is in *item.  Its place, or NULL without memory. */
struct item *record_add(struct record *rec, const struct item *item);
/* NULL where there is none. */
struct item *record_find(const struct record *rec, const char *what, const char *name);
void record_remove(struct record *rec, size_t i);
void record_release(struct record *rec);

/* Reads len bytes into an empty *rec: unknown keys, paths that setup never writes to,
 * and names that are none are refused.  0, E_FORMAT or -ENOMEM. */
int record_parse(struct record *rec, const char *text, size_t len);
/* A new string of the heap, or NULL without memory. */
char *record_text(const struct record *rec);

/* Opens the folder of the state, made where make is set.  A descriptor, -ENOENT, or
 * -errno (-EPERM: it is not the owner's alone). */
int record_folder(const struct tree *t, const char *path, int make);
/* An empty one where there is no file.  0, -errno or a negative code. */
int record_load(struct record *rec, int folder);
/* Puts it on disk.  0 or -errno. */
int record_save(const struct record *rec, int folder);

/* 1 where name is a path that setup of what may write to. */
int record_path_is_known(const char *what, const char *name);
/* 1 for a name that useradd(8) would take. */
int record_user_is_good(const char *name);

#endif
