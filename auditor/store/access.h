/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCESS_H
#define SHELLAC_ACCESS_H

#include <stdint.h>

/*
 * A store whose owner alone may open it, read through its collector, shellacd(8),
 * Access: it gives read-only descriptors to who may have them, once that is logged.
 */
struct access;

#define ACCESS_ALL 0 /* in place of a session's number */
#define ACCESS_REASON_MAX 400

/* Connects to the collector's access.sock.  command, which is logged, and reason, which
 * may be "", stay the caller's.  0, -errno; -EINVAL for a reason that is no line of
 * text or too long. */
int access_connect(struct access **out, const char *socket_path, const char *command,
    const char *reason);
/* NULL is fine. */
void access_free(struct access *a);

/* As live_sync(). */
int access_sync(struct access *a);

/* Says that session n is to be read, or all of them; returns when that is logged.  Once
 * is enough; access_file() does it by itself where it was not done.  0, -errno,
 * E_REFUSED. */
int access_want(struct access *a, uint64_t n);

/* A descriptor of the file or folder below the store, n: of the session that it is
 * about, or ACCESS_ALL.  -errno, E_REFUSED. */
int access_file(struct access *a, const char *path, uint64_t n);

/* Hands in a sign-off of a session whose file is in the folder of day.  0 and the leaf;
 * -errno, E_REFUSED. */
int access_review(struct access *a, const char *day, const char *note, uint64_t *leaf);

/* What the collector said with its last E_REFUSED, or NULL. */
const char *access_why(const struct access *a);

#endif
