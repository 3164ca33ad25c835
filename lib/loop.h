/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LOOP_H
#define SHELLAC_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/queue.h>

/*
 * One epoll set, a few timers, one hook.  A source and a timer live in the
 * object that they belong to; nothing is allocated here.
 */
struct source {
	void (*fn)(void *arg, uint32_t events);
	void *arg;
	int fd; /* the object's; loop_del() does not close it */
	int added;
};

struct timer {
	LIST_ENTRY(timer) link;
	void (*fn)(void *arg);
	void *arg;
	uint64_t due_ns; /* CLOCK_MONOTONIC */
	int set;
};

#define LOOP_EVENTS 64

struct loop {
	int epfd;
	struct epoll_event ev[LOOP_EVENTS];
	int events, at; /* of the turn that runs */
	LIST_HEAD(, timer) timers;
	/* called before each wait; returns how many ms the wait may take, -1 for
	 * as long as it likes; NULL: none */
	int (*turn)(void *arg);
	void *arg;
	int stop;
};

/* 0 or -errno */
int loop_init(struct loop *l);
void loop_release(struct loop *l);

/* Watches fd for EPOLL events; fn is called with them.  0 or -errno. */
int loop_add(struct loop *l, struct source *s, int fd, uint32_t events,
    void (*fn)(void *arg, uint32_t events), void *arg);

/* Changes what is watched for; looks at once whether it is there.  0 or -errno. */
int loop_mod(struct loop *l, struct source *s, uint32_t events);

/* Watches it no more, and drops what is still to be delivered in this turn, so
 * that the object may be freed.  A source that was never added is fine. */
void loop_del(struct loop *l, struct source *s);

/* Sets or moves a timer whose fn and arg are set; it fires once. */
void loop_timer(struct loop *l, struct timer *t, unsigned ms);
void loop_timer_clear(struct timer *t);

/* Runs until l->stop.  0 or -errno. */
int loop_run(struct loop *l);

#endif
