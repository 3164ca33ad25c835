/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INHERIT_H
#define SHELLAC_INHERIT_H

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>

#include "limits.h"
#include "privilege.h"

/* What the login handed to us and the shell must get back unchanged: umask,
 * signal mask, ignored signals, timers, which of descriptors 0 to 2 were open,
 * limits, environment, user. */
struct inherited {
	enum privilege privilege;
	char **environ;
	mode_t umask;
	sigset_t mask;
	uint64_t ignored;              /* bit n-1: signal n was ignored */
	struct itimerval timer[3];     /* ITIMER_REAL, _VIRTUAL, _PROF */
	int closed;                    /* bit n: descriptor n was closed */
	struct rlimit stack;           /* rlim_cur 0: as it is */
	struct limits limits;
};

/* To be called first of all, with what main() got.  Saves these, sets umask 077,
 * disarms the timers, closes every descriptor above 2 and opens /dev/null where 0,
 * 1 or 2 is closed, so that nothing of ours can land there.  A set-user-ID process
 * is then not dumpable and has an empty environment. */
void inherit_save(struct inherited *in, int argc, char **argv);

/* Blocks the signals that the recorder takes from descriptors and gives default
 * dispositions to the ones it needs (SIGCHLD); reaching a limit that could not be
 * lifted is an error, no signal.  A signal that was ignored stays so. */
void inherit_block(const struct inherited *in);

/* In the child, before exec: puts all of it back, the user and environ first.  A
 * process that cannot become the user ends with 126. */
void inherit_restore(const struct inherited *in);

#endif
