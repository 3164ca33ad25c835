/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HEARTBEATS_H
#define SHELLAC_HEARTBEATS_H

#include <stdint.h>
#include <sys/queue.h>

#include "loop.h"
#include "sync.h"

struct collector;
struct session;

/*
 * Heartbeats of very many idle sessions, put on disk together: syncfs(2) once a second
 * takes a fraction of what fdatasync(2) of each file does.  Nobody waits for the
 * acknowledgement of a heartbeat; who types meanwhile has a sync of their own, and is out
 * of this.
 *
 * syncfs(2) writes what others have on that file system, too.  Where it takes long, or
 * there are few, or one fails, each file is synced alone.
 */
#define HEARTBEATS_MS 1000
#define HEARTBEATS_FEW 16 /* fewer are not worth it */

enum heartbeat { HEARTBEAT_NOT, HEARTBEAT_WAITS, HEARTBEAT_SYNCS };

TAILQ_HEAD(heartbeat_list, session);

struct heartbeats {
	struct heartbeat_list waiting, syncing;
	unsigned count;        /* waiting */
	struct collector *c;
	struct sync_job job;   /* of the file system */
	int busy;
	int usable;            /* syncfs(2) tells of errors here */
	uint64_t dev;          /* that the store is on */
	uint64_t not_until_ns; /* CLOCK_MONOTONIC: it took long, for others' sake */
	struct timer timer;
};

/* Once the store is open. */
void heartbeats_init(struct heartbeats *h, struct collector *c);

/* The last that the session said is a heartbeat, and all before it is on disk or with the
 * syncer.  1: it is put on disk with others, within HEARTBEATS_MS and what that takes;
 * 0: nothing was done. */
int heartbeat_take(struct session *s);

/* It goes to disk by itself, or is no more. */
void heartbeat_leave(struct session *s);

#endif
