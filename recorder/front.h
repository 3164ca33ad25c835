/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FRONT_H
#define SHELLAC_FRONT_H

#include <sys/types.h>
#include <termios.h>

/*
 * The process that the login started.  It keeps the place in the process tree,
 * passes signals on, and leaves as the program does: with its exit status, or by
 * its signal.  It returns only where nothing ran, and the program is to run in its
 * place, not recorded.  keeper: the socket of notes.  keeper_pid: the child
 * at its other end.  modes: those of the terminal from before it was forked; unused
 * without a terminal.
 */
void front_run(int keeper, pid_t keeper_pid, int terminal, const struct termios *modes);

#endif
