/* SPDX-License-Identifier: ISC */
#include "idle.h"

#include <errno.h>
#include <unistd.h>

#include "session.h"
#include "session_socket.h"

static void look(void *arg)
{
	struct epoll_event ev[LOOP_EVENTS];
	struct idle *i = arg;
	int k, n;

	do {
		n = epoll_wait(i->epfd, ev, LOOP_EVENTS, 0);
		for (k = 0; k < n; k++)
			session_fifo_event(ev[k].data.ptr, ev[k].events);
	} while (n == LOOP_EVENTS);
	if (i->sessions > 0)
		loop_timer(i->loop, &i->timer, IDLE_MS);
}

int idle_init(struct idle *i, struct loop *loop)
{
	*i = (struct idle){.epfd = epoll_create1(EPOLL_CLOEXEC), .loop = loop,
		.timer = {.fn = look, .arg = i}};
	return i->epfd < 0 ? -errno : 0;
}

void idle_release(struct idle *i)
{
	loop_timer_clear(&i->timer);
	if (i->epfd > 0)
		close(i->epfd);
	i->epfd = -1;
}

void idle_enter(struct session *s)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.ptr = s};
	struct idle *i = &s->c->idle;

	if (s->idle || s->fifo_hup || s->c->registry.live < IDLE_MANY)
		return;
	if (!s->unwatched)
		s->unwatched = loop_mod(i->loop, &s->fifo_source, 0) == 0;
	if (!s->unwatched || epoll_ctl(i->epfd, EPOLL_CTL_ADD, s->fifo, &ev) < 0)
		return;
	s->idle = 1;
	i->sessions++;
	if (!i->timer.set)
		loop_timer(i->loop, &i->timer, IDLE_MS);
}

void idle_leave(struct session *s)
{
	if (!s->idle)
		return;
	epoll_ctl(s->c->idle.epfd, EPOLL_CTL_DEL, s->fifo, NULL);
	s->idle = 0;
	s->c->idle.sessions--;
}
