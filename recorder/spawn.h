/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPAWN_H
#define SHELLAC_SPAWN_H

#include <sys/types.h>

#include "inherit.h"

/* What to run: path is given to execvp(3) when search is set, else to execv. */
struct program {
	const char *path;
	char *const *argv;
	int search;
};

/* Forks and runs it.  slave: the terminal that becomes the child's controlling
 * one and its descriptors 0, 1 and (where the old one was a terminal) 2; -1:
 * session and descriptors are left alone.  Returns when the program runs or exec
 * has failed: 0 and *pid, or -errno of fork with nothing started; a failed exec
 * sets *exec_errno (0 otherwise), the child then ends with 126 or 127 as of
 * sh(1). */
int spawn_program(pid_t *pid, int *exec_errno, const struct program *prog,
    const struct inherited *in, int slave);

/* The status of a shell for an exec error: 127 not found, else 126. */
int spawn_exit_code(int exec_errno);

#endif
