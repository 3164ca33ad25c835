/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TERMINAL_H
#define SHELLAC_TERMINAL_H

#include <stdint.h>
#include <termios.h>

/*
 * The auditor's terminal and signals during a replay.  Signals that would end or
 * stop the program come through a descriptor, so that the terminal is put back
 * whatever happens.
 */
struct terminal {
	int keys;            /* descriptor to read keys from, -1 for none */
	int signals;         /* signalfd(2) */
	int raw;             /* saved holds what has to be put back */
	struct termios saved;
};

/* Takes signals over; keys only where stdin and stdout are terminals.  0 or
 * -errno; terminal_close() either way. */
int terminal_open(struct terminal *t);
void terminal_close(struct terminal *t);

/* Waits for at most ns nanoseconds (0: only looks) for a key or a signal.  A key
 * (1 to 255), TERMINAL_SIGNAL + its number, or 0 when time is up.  SIGTSTP stops
 * the program here and is not returned. */
#define TERMINAL_SIGNAL 256
int terminal_wait(struct terminal *t, uint64_t ns);

/* Size of the terminal on stdout.  1, or 0 where there is none. */
int terminal_size(uint16_t *rows, uint16_t *cols);

#endif
