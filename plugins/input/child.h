/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_CHILD_H
#define SHELLAC_INPUT_CHILD_H

#include <sys/types.h>

#include "lines.h"

/* A program whose output is read. */
struct child {
	pid_t pid; /* 0: none */
	int fd;
	struct lines lines;
};

/* Starts argv; its standard input is empty.  0 or -errno; that it cannot be run shows as its
 * end. */
int child_open(struct child *c, char *const argv[]);

/* 0, 1: there may be more at once; E_END: its output has ended, and all was given. */
int child_turn(struct child *c, lines_got *got, void *ctx);

/* SIGTERM, after 1.5 s SIGKILL.  Its wait status. */
int child_close(struct child *c);

#endif
