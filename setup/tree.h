/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_TREE_H
#define SHELLAC_SETUP_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files below the root of a host, which need not be the one that runs.  Every folder on
 * the way must be the owner's and nobody else's to write; links among folders stay
 * below the root; a link in the last place is never followed. */
struct tree {
	int root;    /* descriptor of the folder that is "/"; the caller's */
	uid_t owner; /* root's, or whose the tree is */
};

enum tree_type { TREE_NONE, TREE_FILE, TREE_LINK };

/* What is at a path. */
struct tree_file {
	enum tree_type type;
	mode_t mode;   /* 07777 of a file */
	uid_t uid;
	gid_t gid;
	uint8_t *data; /* zero-ended, of the heap; a link's target; NULL for TREE_NONE */
	size_t len;
};

#define TREE_FILE_MAX (1 << 20)

/* Opens the folder at the absolute path.  A descriptor or -errno (-EPERM: somebody else
 * could put other things there). */
int tree_folder(const struct tree *t, const char *path);

/* Reads what is at path into *f, which the caller releases.  A folder above it that is
 * not there is TREE_NONE, too.  0, -errno (-EISDIR: neither file nor link) or E_RANGE. */
int tree_look(const struct tree *t, const char *path, struct tree_file *f);

/* Makes path what *f is, at once and on disk; TREE_NONE removes it.  0 or -errno. */
int tree_put(const struct tree *t, const char *path, const struct tree_file *f);

/* Removes what a tree_put() of this path left that was killed.  0 or -errno. */
int tree_sweep(const struct tree *t, const char *path);

/* 1 where both are the same in bytes, owner and mode. */
int tree_same(const struct tree_file *a, const struct tree_file *b);

/* A new *to as from is, or with these bytes.  0 or -ENOMEM. */
int tree_copy(struct tree_file *to, const struct tree_file *from);
int tree_text(struct tree_file *to, enum tree_type type, const void *p, size_t len);

/* Frees what *f holds; it is TREE_NONE then. */
void tree_release(struct tree_file *f);

/* stat(2) of a path, last link followed below the root.  0 or -errno. */
struct stat;
int tree_stat(const struct tree *t, const char *path, struct stat *st);

#endif
