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

/* A program that is about to run: it waits until it may, or is called off. */
struct spawn {
	pid_t pid;
	int channel; /* -1: there is none that waits */
};

/* Forks, while the limit of the user's processes still counts this one.  slave:
 * the terminal that becomes the child's controlling one and its descriptors 0, 1
 * and (where the old one was a terminal) 2; -1: session and descriptors are left
 * alone.  0, or -errno with nothing started. */
int spawn_fork(struct spawn *s, const struct program *prog, const struct inherited *in,
    int slave);

/* Lets it run.  Returns when it does, 0, or the errno of its exec: the child then
 * ends with 126 or 127 as of sh(1). */
int spawn_go(struct spawn *s);

/* Calls it off: the child ends, and is reaped.  None that waits is fine. */
void spawn_cancel(struct spawn *s);

/* The status of a shell for an exec error: 127 not found, else 126. */
int spawn_exit_code(int exec_errno);

#endif
