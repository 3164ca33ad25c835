/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_RUN_H
#define SHELLAC_SETUP_RUN_H

#include <sys/types.h>

#define RUN_SAID_MAX 65536

/* Whose program it is, and in which environment. */
struct run_as {
	const char *user; /* with all groups; NULL: as we are */
	uid_t uid;
	gid_t gid;
	const char *const *env; /* more than PATH and LC_ALL; NULL-ended, or NULL */
};

/* Runs the program argv[0], a path, in a session of its own without a terminal, standard
 * input empty; what it writes goes to said (zero-ended, cut).  Its exit status, 128 and the
 * signal, -ETIME after so many milliseconds (then it is killed), or another -errno. */
int run_program(const char *const *argv, const struct run_as *as, int limit_ms,
    char said[RUN_SAID_MAX]);

/* Runs it on a terminal of its own and types line, again and again, until it shows wanted;
 * then leave.  As run_program() but 0 as soon as wanted was shown, and -EPROTO where it
 * ended without. */
int run_on_terminal(const char *const *argv, const char *line, const char *wanted,
    const char *leave, int limit_ms, char said[RUN_SAID_MAX]);

#endif
