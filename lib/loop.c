/* SPDX-License-Identifier: ISC */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#include "clock.h"

#define NS_PER_MS 1000000u

int loop_init(struct loop *l)
{
	*l = (struct loop){.epfd = epoll_create1(EPOLL_CLOEXEC)};
	LIST_INIT(&l->timers);
	return l->epfd < 0 ? -errno : 0;
}

void loop_release(struct loop *l)
{
	if (l->epfd >= 0)
		close(l->epfd);
	l->epfd = -1;
}

int loop_add(struct loop *l, struct source *s, int fd, uint32_t events,
    void (*fn)(void *arg, uint32_t events), void *arg)
{
	struct epoll_event ev = {.events = events, .data.ptr = s};

	*s = (struct source){.fn = fn, .arg = arg, .fd = fd};
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	s->added = 1;
	return 0;
}

int loop_mod(struct loop *l, struct source *s, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = s};

	return epoll_ctl(l->epfd, EPOLL_CTL_MOD, s->fd, &ev) < 0 ? -errno : 0;
}

void loop_del(struct loop *l, struct source *s)
{
	int i;

	if (!s->added)
		return;
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, s->fd, NULL);
	s->added = 0;
	for (i = l->at; i < l->events; i++)
		if (l->ev[i].data.ptr == s)
			l->ev[i].data.ptr = NULL;
}

void loop_timer(struct loop *l, struct timer *t, unsigned ms)
{
	t->due_ns = clock_mono() + (uint64_t)ms * NS_PER_MS;
	if (!t->set)
		LIST_INSERT_HEAD(&l->timers, t, link);
	t->set = 1;
}

void loop_timer_clear(struct timer *t)
{
	if (t->set)
		LIST_REMOVE(t, link);
	t->set = 0;
}

/* Milliseconds until the first timer, rounded up, but at most max (-1: none). */
static int next_wait(const struct loop *l, int max)
{
	const struct timer *t;
	uint64_t now, ms;

	if (LIST_EMPTY(&l->timers) || max == 0)
		return max;
	now = clock_mono();
	LIST_FOREACH(t, &l->timers, link) {
		ms = t->due_ns <= now ? 0 : (t->due_ns - now + NS_PER_MS - 1) / NS_PER_MS;
		if (ms > INT_MAX)
			ms = INT_MAX;
		if (max < 0 || (int)ms < max)
			max = (int)ms;
	}
	return max;
}

/* A timer's function may set or clear any timer, so each round starts anew. */
static void run_timers(struct loop *l)
{
	uint64_t now;
	struct timer *t;

	if (LIST_EMPTY(&l->timers))
		return;
	now = clock_mono();
	for (;;) {
		LIST_FOREACH(t, &l->timers, link)
			if (t->due_ns <= now)
				break;
		if (t == NULL)
			return;
		loop_timer_clear(t);
		t->fn(t->arg);
	}
}

static void run_events(struct loop *l)
{
	struct source *s;

	for (l->at = 0; l->at < l->events;) {
		s = l->ev[l->at].data.ptr;
		l->at++;
		if (s != NULL)
			s->fn(s->arg, l->ev[l->at - 1].events);
	}
	l->at = l->events = 0;
}

int loop_run(struct loop *l)
{
	int wait, n;

	while (!l->stop) {
		wait = l->turn != NULL ? l->turn(l->arg) : -1;
		if (l->stop)
			break;
		n = epoll_wait(l->epfd, l->ev, LOOP_EVENTS, next_wait(l, wait));
		if (n < 0 && errno != EINTR)
			return -errno;
		l->events = n < 0 ? 0 : n;
		run_events(l);
		run_timers(l);
	}
	return 0;
}
