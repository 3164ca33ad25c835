/* SPDX-License-Identifier: ISC */
#include "hold.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "listen.h"
#include "log.h"

#define MS UINT64_C(1000000)
#define DELAY_MIN_MS 100
#define DELAY_MAX_MS 60000
#define LONG_NS (60000 * MS) /* who lived so long is started at once again */

struct hold {
	int signals, up;    /* up: of the collector that runs; -1 */
	int ready;          /* -1: the one who started us knows */
	int sock;           /* held; -1: not yet */
	pid_t child;        /* 0: none runs */
	uint64_t started_ns;
	unsigned delay_ms;
	int told_to_end;
};

static void set_of(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGCHLD);
}

/* The collector that was just forked: what it needs of us, and nothing else. */
static int become_collector(struct hold *h, int up)
{
	sigset_t set;

	set_of(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(h->signals);
	if (h->ready >= 0)
		close(h->ready);
	if (h->sock >= 0)
		listen_keep(h->sock);
	return up;
}

/* In the collector its end of the socket pair; -1 in the holder, -errno where it
 * cannot be started. */
static int start(struct hold *h)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -errno;
	h->child = fork();
	if (h->child == 0) {
		close(pair[0]);
		return become_collector(h, pair[1]);
	}
	r = h->child < 0 ? -errno : 0;
	close(pair[1]);
	if (r != 0) {
		close(pair[0]);
		h->child = 0;
		return r;
	}
	h->up = pair[0];
	h->started_ns = clock_mono();
	return -1;
}

/* The collector works and hands over its socket, or has ended. */
static void take_socket(struct hold *h)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	const struct cmsghdr *c;

	if (recvmsg(h->up, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) == 1 && h->sock < 0 &&
	    (c = CMSG_FIRSTHDR(&m)) != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(&h->sock, CMSG_DATA(c), sizeof(h->sock));
	close(h->up);
	h->up = -1;
	if (h->sock < 0 || h->ready < 0)
		return;
	log_open("shellacd", 1, LOG_L_INFO);
	daemon_ready(h->ready);
	h->ready = -1;
}

/* The last: nobody listens any more. */
static _Noreturn void leave(const struct hold *h, int status)
{
	struct sockaddr_un a = {0};
	socklen_t len = sizeof(a);

	if (h->sock >= 0 && getsockname(h->sock, (struct sockaddr *)&a, &len) == 0)
		unlink(a.sun_path);
	_exit(status);
}

/* It ended with this status: exits as it did, or says when to start the next. */
static void ended(struct hold *h, int status)
{
	h->child = 0;
	if (h->up >= 0)
		take_socket(h);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || h->sock < 0))
		leave(h, WEXITSTATUS(status));
	if (h->told_to_end || h->sock < 0)
		leave(h, EXIT_CANNOT);
	if (clock_mono() - h->started_ns >= LONG_NS || h->delay_ms == 0)
		h->delay_ms = DELAY_MIN_MS;
	else
		h->delay_ms = h->delay_ms * 2 < DELAY_MAX_MS ? h->delay_ms * 2 : DELAY_MAX_MS;
	log_error("the collector %s %d; starting it again in %u ms", WIFSIGNALED(status) ?
	    "was ended by signal" : "ended with status", WIFSIGNALED(status) ? WTERMSIG(status) :
	    WEXITSTATUS(status), h->delay_ms);
}

static void hear(struct hold *h)
{
	struct signalfd_siginfo si;
	int status;

	while (read(h->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD) {
			if (h->child > 0 && waitpid(h->child, &status, WNOHANG) == h->child)
				ended(h, status);
			continue;
		}
		h->told_to_end |= si.ssi_signo == SIGTERM || si.ssi_signo == SIGINT;
		if (h->child > 0)
			kill(h->child, (int)si.ssi_signo);
		else if (h->told_to_end)
			leave(h, 0);
	}
}

int hold_begin(int ready)
{
	struct hold h = {.up = -1, .sock = -1, .ready = ready};
	struct pollfd p[2];
	sigset_t set;
	int r;

	set_of(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	h.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (h.signals < 0)
		return -errno;
	for (;;) {
		if (h.child == 0 && (r = start(&h)) != -1 && (r >= 0 || h.sock < 0))
			return r;
		p[0] = (struct pollfd){.fd = h.signals, .events = POLLIN};
		p[1] = (struct pollfd){.fd = h.up, .events = POLLIN};
		if (poll(p, 2, h.child == 0 ? DELAY_MAX_MS : -1) < 0 && errno != EINTR)
			leave(&h, EXIT_CANNOT);
		if (p[1].revents != 0)
			take_socket(&h);
		if (p[0].revents != 0)
			hear(&h);
		while (h.child == 0 && poll(p, 1, (int)h.delay_ms) > 0)
			hear(&h);
	}
}

void hold_ready(int up, int sock)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (char[]){'+'}, .iov_len = 1};
	const struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(sock))};
	memcpy(CMSG_DATA(c), &sock, sizeof(sock));
	if (sendmsg(up, &m, MSG_NOSIGNAL) != 1)
		log_warn("the socket of the registration is not held: %s", strerror(errno));
	else
		listen_keep(sock);
	close(up);
	daemon_null();
}
