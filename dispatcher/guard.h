/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_GUARD_H
#define SHELLAC_GUARD_H

#include <sys/types.h>

/*
 * A process between the dispatcher and each plugin: whatever the plugin starts, and however
 * far that goes from it, becomes the guard's child when its own parent ends, and is ended
 * with the plugin.  It holds the lock of the cursors with the dispatcher: who has that knows
 * that no plugin of before lives.  The dispatcher ends it with SIGTERM, or by its own end.
 */
struct guard_start {
	int in, out, err;        /* the plugin's 0, 1 and 2 */
	int store;               /* and 3, -1: none */
	int lock;
	unsigned limit_s;        /* it is ended after so long; 0: never */
	const char *path;        /* of the program, */
	const char *const *argv;
	/* as whom it runs; set by guard_user() */
	uid_t uid;
	gid_t gid, groups[64];
	int group_count;         /* -1: as who runs this */
};

#define GUARD_EOF_MS 2000  /* from the end of its input to SIGTERM */
#define GUARD_TERM_MS 2000 /* from there to SIGKILL */
#define GUARD_LATE_MS 12000 /* then even the guard hangs */

/* Fills uid, gid and groups in.  0, or -ENOENT. */
int guard_user(struct guard_start *s, const char *user);

/* Starts both.  The guard's pid, and *child the plugin's (0: it has none), or -errno; the
 * descriptors stay the caller's.  The guard exits as the plugin did, with 128 + n where
 * signal n ended it. */
pid_t guard_spawn(const struct guard_start *s, pid_t *child);

#endif
