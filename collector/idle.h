/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_IDLE_H
#define SHELLAC_IDLE_H

#include "loop.h"

struct session;

/*
 * The FIFOs of sessions in which nothing happens, where there are very many of them: in an
 * epoll set of their own, into which is looked ten times a second.  A wake-up for each
 * heartbeat would cost more than what it says.  Who types is heard at once all the same:
 * a chunk with PROMPT comes with HURRY.
 */
#define IDLE_MANY 256 /* sessions; with fewer nobody is here, and no timer runs */
#define IDLE_MS 100

struct idle {
	int epfd;
	unsigned sessions;
	struct timer timer;
	struct loop *loop; /* that watches everybody else */
};

/* 0 or -errno */
int idle_init(struct idle *i, struct loop *loop);
void idle_release(struct idle *i);

/* The session said last that nothing happens.  Where that does not go it is watched as
 * before. */
void idle_enter(struct session *s);

/* It is watched by nobody then. */
void idle_leave(struct session *s);

#endif
