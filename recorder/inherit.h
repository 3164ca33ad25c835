/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INHERIT_H
#define SHELLAC_INHERIT_H

#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

/* What the login handed to us and the shell must get back unchanged: umask,
 * signal mask, ignored signals, timers, which of descriptors 0 to 2 were open. */
struct inherited {
	mode_t umask;
	sigset_t mask;
	uint64_t ignored;              /* bit n-1: signal n was ignored */
	struct itimerval timer[3];     /* ITIMER_REAL, _VIRTUAL, _PROF */
	int closed;                    /* bit n: descriptor n was closed */
};

/* To be called first of all.  Saves these, sets umask 077, disarms the timers,
 * closes every descriptor above 2 and opens /dev/null where 0, 1 or 2 is closed,
 * so that nothing of ours can land there. */
void inherit_save(struct inherited *in);

/* Blocks the signals that the recorder takes from descriptors and gives default
 * dispositions to the ones it needs (SIGCHLD).  A signal that was ignored stays
 * so. */
void inherit_block(const struct inherited *in);

/* In the child, before exec: puts all of it back. */
void inherit_restore(const struct inherited *in);

int inherit_ignores(const struct inherited *in, int sig);

#endif
