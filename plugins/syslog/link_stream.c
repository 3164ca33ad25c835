/* SPDX-License-Identifier: ISC */
#include "link_stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "link.h"

#define CONNECT_MS 10000
#define DEAD_MS 30000 /* a peer that acknowledges nothing for so long is gone */
#define WAIT_MS 1000
#define LOOK_MS_MAX 32

/* -ETIMEDOUT is the patience's own; a connection's is another. */
static int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int e = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) < 0)
		return -errno;
	return e == ETIMEDOUT ? -EHOSTUNREACH : -e;
}

static void notice_death(int fd)
{
	const int on = 1, idle_s = DEAD_MS / 1000, each_s = 10, dead_ms = DEAD_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof(each_s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
}

static int connect_to(const struct addrinfo *a, struct patience *p)
{
	uint64_t end = clock_mono() + CONNECT_MS * UINT64_C(1000000);
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;

	if (fd < 0)
		return -errno;
	notice_death(fd);
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		r = errno == EINPROGRESS ? 0 : -errno;
		while (r == 0 && clock_mono() < end)
			r = patience_wait(p, fd, POLLOUT, WAIT_MS);
		r = r > 0 ? socket_error(fd) : r == 0 ? -EHOSTUNREACH : r;
	}
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int link_stream_open(const char *host, const char *port, struct patience *p, char *reason)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *list, *a;
	int r = getaddrinfo(host, port, &hints, &list);

	if (r != 0) {
		snprintf(reason, LINK_REASON, "%.100s", gai_strerror(r));
		return -EHOSTUNREACH;
	}
	r = -EHOSTUNREACH;
	for (a = list; a != NULL && r < 0 && r != -ETIMEDOUT && r != -ECANCELED; a = a->ai_next)
		r = connect_to(a, p);
	freeaddrinfo(list);
	if (r < 0)
		snprintf(reason, LINK_REASON, "%s", err_text(r));
	return r;
}

int link_stream_send(int fd, struct patience *p, const void *data, size_t len)
{
	const char *bytes = data;
	ssize_t n;
	int r;

	while (len > 0) {
		n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if ((r = patience_wait(p, fd, POLLOUT, WAIT_MS)) < 0)
				return r;
		} else if (errno != EINTR) {
			return errno == ETIMEDOUT ? -EHOSTUNREACH : -errno;
		}
	}
	return 0;
}

int link_stream_ended(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLRDHUP};

	return poll(&one, 1, 0) > 0;
}

/* The daemon's end of the connection: what it still says is of no interest. */
static int read_to_end(int fd, struct patience *p)
{
	char unused[4096];
	ssize_t n;
	int r = 0;

	while ((n = recv(fd, unused, sizeof(unused), 0)) != 0 && r >= 0) {
		if (n < 0 && errno == EAGAIN)
			r = patience_wait(p, fd, POLLIN, WAIT_MS);
		else if (n < 0 && errno != EINTR)
			r = errno == ETIMEDOUT ? -EHOSTUNREACH : -errno;
	}
	return r < 0 ? r : 0;
}

/*
 * An end that was sent before the last of our bytes came would prove nothing; but a kernel
 * acknowledges no byte that comes for a process that has closed or ended: it resets.  So the
 * connection has to come to its own end, our FIN acknowledged (tcp(7), TCP_INFO), without an
 * error.
 */
int link_stream_finish(int fd, struct patience *p)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int r, ms = 0;

	if (shutdown(fd, SHUT_WR) < 0)
		return -errno;
	r = read_to_end(fd, p);
	while (r >= 0) {
		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
			return -errno;
		if (info.tcpi_state == TCP_CLOSE)
			return socket_error(fd);
		ms = ms == 0 ? 1 : ms < LOOK_MS_MAX ? 2 * ms : LOOK_MS_MAX;
		r = patience_wait(p, -1, 0, ms);
	}
	return r;
}

int link_stream_arrived(int fd, struct patience *p)
{
	int unsent, ms = 0, r = 0;

	while (r >= 0) {
		if (link_stream_ended(fd))
			return -ECONNRESET;
		if (ioctl(fd, SIOCOUTQ, &unsent) < 0)
			return -errno;
		if (unsent == 0)
			return 0;
		ms = ms == 0 ? 1 : ms < LOOK_MS_MAX ? 2 * ms : LOOK_MS_MAX;
		r = patience_wait(p, -1, 0, ms);
	}
	return r;
}
