/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PACK_H
#define SHELLAC_PACK_H

#include "store.h"

/*
 * A thread at low priority that puts closed and cut sessions into containers:
 * temporary name, fsync, rename over the plain file, fsync of the folder.  At
 * any moment the name leads to the whole session.
 */
struct packer;

/* store stays the caller's and must outlive the packer.  0 or -errno. */
int packer_new(struct packer **out, const struct store *store);

/* Finishes the file that is being packed, forgets the others.  NULL is fine. */
void packer_free(struct packer *p);

/* A session that is closed or cut. */
void packer_add(struct packer *p, const char *day, const struct session_name *name);

/* Looks through the store for such ones that are still plain. */
void packer_scan(struct packer *p);

/* Until packer_resume() no file is packed: waits for the one that is.  NULL is fine. */
void packer_pause(struct packer *p);
void packer_resume(struct packer *p);

/* Packs one file now.  1 packed, 0 it was already or is empty, or a negative
 * code; the plain file then stays. */
int pack_file(int dirfd, const char *name);

#endif
