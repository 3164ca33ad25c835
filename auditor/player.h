/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLAYER_H
#define SHELLAC_PLAYER_H

#include <stdint.h>

#include "sink.h"
#include "terminal.h"

/* The clock of a replay and the keys that steer it. */
struct player {
	struct terminal *terminal;
	struct sink *out;      /* flushed before every wait */
	double speed;          /* 1: as it was */
	uint64_t max_wait_ns;  /* longest pause of the session that is waited for */
	int no_wait;
	int paused;
	uint64_t due_ns;       /* CLOCK_MONOTONIC of what is to be shown next */
	int stopped;           /* 0; 1: the user quit; TERMINAL_SIGNAL + n: signal n */
};

#define PLAYER_SPEED_MAX 1024.0
#define PLAYER_SPEED_MIN (1 / 64.0)

void player_start(struct player *p);

/* Waits until dt_ns nanoseconds of the session have passed since the last call.
 * 0 to go on, 1 to stop: p->stopped says why. */
int player_wait(struct player *p, uint64_t dt_ns);

#endif
