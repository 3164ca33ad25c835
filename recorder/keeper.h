/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEEPER_H
#define SHELLAC_KEEPER_H

#include <sys/types.h>

#include "away.h"
#include "collector_link.h"
#include "conf.h"
#include "evidence.h"
#include "hidden.h"
#include "inherit.h"
#include "paths.h"
#include "pty.h"
#include "record.h"
#include "spool.h"
#include "spawn.h"

/*
 * The process that records: child of the front, parent of the program, reaper of
 * all its descendants.  keeper.c is its life from start to end, begin.c the record's first
 * chunk, relay.c the loop between them, finish.c what comes after the program.
 */
struct keeper_config {
	const struct paths *paths;
	const struct conf *conf;
	const struct program *program;
	const struct inherited *inherited;
	int plain;                 /* where it can't be recorded it runs all the same */
	int terminal;              /* 0: descriptors are left alone, only who, when, what */
};

struct keeper {
	const struct keeper_config *cfg;
	int plain;                 /* cfg's, unless it was this user's doing */
	int front;                 /* notes; -1: the front is gone */
	int signals;               /* signalfd */
	int null;                  /* /dev/null */
	struct record record;
	struct collector_link link;
	struct spool spool;        /* all -1: none */
	int settling;              /* stands still until the spool is drained */
	uint64_t told;             /* length of the spool that the collector knows of */
	struct hidden hidden;
	struct evidence evidence;
	struct pty pty;            /* all -1 without a terminal */
	struct spawn spawn;        /* the program, before it runs */
	const char *hindrance;     /* why it can't run, or NULL */
	int hindered;              /* -errno */
	pid_t program;
	int exited, status;        /* wait status, once exited */
	uint64_t exited_ns, quiet_ns; /* when it exited; when it last wrote */
	uint64_t drain_ns, drained; /* what it left may write until then; has written */
	uint32_t reason;           /* END_ */
	int resized;               /* a new size is recorded, not yet in effect */
	int hurry;                 /* a seal waits for its ack: the collector is to look */
	uint64_t reread_ns;        /* the program closed its terminal: look again then; 0 */
	uint64_t blocked_ns;       /* since when the session stands still; 0 */
	int noticed;               /* the user was told so */
	uint64_t held_ns;          /* since when it stands still because it is to */
};

/* Never returns; the front is told how it ended. */
_Noreturn void keeper_run(const struct keeper_config *cfg, int front);

/* Seals the first chunk: what is going to run.  NULL, or why it cannot. */
const char *begin_session(struct keeper *k);

/* Relays until the program has ended and all it wrote has been passed on. */
void relay_run(struct keeper *k);

/* The program loses its terminal, and the session ends for that reason (END_), unless it
 * does for another already. */
void relay_hang_up(struct keeper *k, uint32_t reason);

/* Takes the signals that wait on k->signals. */
void relay_signals(struct keeper *k);

/* Seals the end, gives the terminal back, tells the front, waits for the
 * collector's ack, and stays as long as there are children (conf.linger). */
void finish_session(struct keeper *k);

/* Waits at most ms for the FIFO to take what is queued.  0: it did, 1, -errno */
int finish_flush(struct keeper *k, int ms);

#endif
