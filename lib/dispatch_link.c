/* SPDX-License-Identifier: ISC */
#include "dispatch_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES_A_TURN 64

struct dispatch_waiting {
	STAILQ_ENTRY(dispatch_waiting) link;
	int fd; /* -1 */
	size_t len;
	uint8_t bytes[];
};

/* 0 or -errno */
static int send_one(const struct dispatch_link *l, uint8_t *p, size_t len, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = p, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
	}
	return sendmsg(l->sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void forget(struct dispatch_link *l, struct dispatch_waiting *w)
{
	STAILQ_REMOVE(&l->out, w, dispatch_waiting, link);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

void dispatch_link_flush(struct dispatch_link *l)
{
	struct dispatch_waiting *w;

	if (l->sock < 0)
		return;
	while ((w = STAILQ_FIRST(&l->out)) != NULL) {
		if (send_one(l, w->bytes, w->len, w->fd) == -EAGAIN)
			return;
		forget(l, w);
	}
	loop_mod(l->loop, &l->source, EPOLLIN);
}

static int keep(struct dispatch_link *l, const uint8_t *p, size_t len, int fd)
{
	struct dispatch_waiting *w = malloc(sizeof(*w) + len);

	if (w == NULL)
		return -ENOMEM;
	w->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	w->len = len;
	memcpy(w->bytes, p, len);
	STAILQ_INSERT_TAIL(&l->out, w, link);
	return loop_mod(l->loop, &l->source, EPOLLIN | EPOLLOUT);
}

int dispatch_link_send(struct dispatch_link *l, const struct dispatch_message *m, int fd)
{
	static uint8_t bytes[DISPATCH_MAX];
	size_t len = dispatch_put(bytes, m);
	int r = -EAGAIN;

	if (len == 0)
		return -EMSGSIZE;
	if (l->sock < 0)
		return -ENOTCONN;
	if (STAILQ_EMPTY(&l->out))
		r = send_one(l, bytes, len, fd);
	return r == -EAGAIN ? keep(l, bytes, len, fd) : r;
}

int dispatch_link_full(const struct dispatch_link *l)
{
	return l->sock >= 0 && !STAILQ_EMPTY(&l->out);
}

/* A message, and *fd what came with it, or -1.  1, 0: none now, -1: never again. */
static int hear_one(struct dispatch_link *l, struct dispatch_message *m, int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = l->in, .iov_len = DISPATCH_MAX};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	const struct cmsghdr *c;
	ssize_t n = recvmsg(l->sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	if ((c = CMSG_FIRSTHDR(&msg)) != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return dispatch_parse(m, l->in, (size_t)n) == 0 ? 1 : -1;
}

int dispatch_link_hear(struct dispatch_link *l)
{
	struct dispatch_message m;
	int i, fd, r = 1;

	for (i = 0; i < MESSAGES_A_TURN && r == 1; i++) {
		r = hear_one(l, &m, &fd);
		if (r == 1)
			l->take(l->arg, &m, &fd);
		if (fd >= 0)
			close(fd);
	}
	if (l->over != NULL)
		l->over(l->arg);
	return r >= 0;
}

static void event(void *arg, uint32_t events)
{
	struct dispatch_link *l = arg;
	int none = -1;

	if ((events & EPOLLOUT) != 0)
		dispatch_link_flush(l);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0 || dispatch_link_hear(l))
		return;
	loop_del(l->loop, &l->source);
	l->take(l->arg, NULL, &none);
}

int dispatch_link_open(struct dispatch_link *l, struct loop *loop, int sock,
    void (*take)(void *arg, const struct dispatch_message *m, int *fd), void (*over)(void *arg),
    void *arg)
{
	int r;

	l->loop = loop;
	l->take = take;
	l->over = over;
	l->arg = arg;
	STAILQ_INIT(&l->out);
	l->sock = -1;
	r = loop_add(loop, &l->source, sock, EPOLLIN, event, l);
	if (r == 0)
		l->sock = sock;
	return r;
}

void dispatch_link_close(struct dispatch_link *l)
{
	if (l->sock < 0)
		return;
	loop_del(l->loop, &l->source);
	while (!STAILQ_EMPTY(&l->out))
		forget(l, STAILQ_FIRST(&l->out));
	close(l->sock);
	l->sock = -1;
}
