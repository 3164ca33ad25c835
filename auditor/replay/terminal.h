/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TERMINAL_H
#define SHELLAC_TERMINAL_H

#include <stddef.h>
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
	uint8_t typed[64];   /* keys that were read and not given yet */
	size_t len;
};

/* Keys that are more than a byte. */
enum terminal_key {
	KEY_UP = 512,
	KEY_DOWN,
	KEY_RIGHT,
	KEY_LEFT,
	KEY_SHIFT_UP,
	KEY_SHIFT_DOWN,
	KEY_SHIFT_RIGHT,
	KEY_SHIFT_LEFT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_OTHER,       /* one that nobody knows here */
};

/* Takes signals over; keys only where stdin and stdout are terminals.  0 or
 * -errno; terminal_close() either way. */
int terminal_open(struct terminal *t);
void terminal_close(struct terminal *t);

/* Waits for at most ns nanoseconds (0: only looks) for a key or a signal.  A key
 * (1 to 255, or of enum terminal_key), TERMINAL_SIGNAL + its number, or 0 when time is up.
 * SIGWINCH is one of those signals, and SIGTSTP, upon which terminal_stop() is called. */
#define TERMINAL_SIGNAL 256
int terminal_wait(struct terminal *t, uint64_t ns);

/* Stops the program as SIGTSTP does, with the terminal's modes put back, until it goes on. */
void terminal_stop(struct terminal *t);

/* The key at the start of the len bytes at p, len at least 1: how many of them it takes and
 * *key; 0 where it can be longer. */
size_t terminal_key(const uint8_t *p, size_t len, int *key);

/* Size of the terminal on stdout.  1, or 0 where there is none. */
int terminal_size(uint16_t *rows, uint16_t *cols);

#endif
