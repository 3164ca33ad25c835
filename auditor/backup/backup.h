/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BACKUP_H
#define SHELLAC_BACKUP_H

#include <stdint.h>

#include "auditor.h"

/*
 * A copy of a store in a folder, brought up to date each time.  The ledger is read first and
 * put in place last: what it tells of is there, whoever writes to the store meanwhile, and
 * an interrupted backup is the one before with more in it.  Nothing that was kept is ever
 * replaced by something else: what differs is a finding, and stays as it was kept.
 */
struct backup {
	struct auditor *a;      /* whose store it is, open */
	const char *path;       /* of the folder, for messages */
	int dir;
	int purge;              /* what was purged there is to be purged here */
	uint64_t next_n;        /* the first number that the ledger copied does not know */
	unsigned long long files, same, bytes, sessions, purged;
	unsigned left_out;      /* kinds of files that may not be read */
	int findings;           /* said: something is not what was kept, or is gone */
};

/* Opens the folder, made 0700 where it is missing, and keeps others out of it as long as it is
 * open.  0, or AUDIT_CANNOT with a message: it is somebody else's, of another host, in use,
 * or no backup. */
int backup_open(struct backup *b, struct auditor *a, const char *path);
void backup_close(struct backup *b);

/* Copies what is new.  0, or AUDIT_CANNOT with a message; everything that was in place
 * before is as it was. */
int backup_run(struct backup *b);

/* backup_file.c: one file, by its path below both folders. */
enum backup_kind {
	BACKUP_WHOLE,  /* replaced where it is another one */
	BACKUP_ONCE,   /* never written to again */
	BACKUP_GROWS,  /* what was kept is its begin */
};

/* As long as it is there.  limit: take so many bytes of it at most; loose: bytes at the
 * end of what was kept that may be others by now.  The path it gets is `as`.  0; -ENOENT:
 * it is not there; or negative, said. */
struct backup_how {
	enum backup_kind kind;
	uint64_t limit, loose;
	const char *as; /* NULL: the same path */
};
int backup_file(struct backup *b, const char *path, const struct backup_how *how);

/* The same of what fd holds, which stays the caller's. */
int backup_fd(struct backup *b, const char *path, int fd, const struct backup_how *how);

/* Says e about path, and gives it back. */
int backup_cannot(const struct backup *b, const char *path, int e);
/* Says what is wrong with it there, and counts. */
void backup_found(struct backup *b, const char *path, const char *what);

/* backup_session.c: sessions, and what is there and no longer in the store.  0 or negative,
 * said. */
int backup_sessions(struct backup *b);

#endif
