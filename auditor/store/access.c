/* SPDX-License-Identifier: ISC */
#include "store/access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "err.h"

#define MESSAGE_MAX 1024
#define TIMEOUT_S 30 /* the collector's disk may be slow to log it */

struct access {
	int fd;
	const char *command, *reason;
	int all; /* all sessions were wanted, and that is logged */
	char answer[MESSAGE_MAX], why[MESSAGE_MAX];
};

static int is_line(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p >= ' ' && *p != 0x7f)
		p++;
	return *p == '\0' && strlen(s) <= ACCESS_REASON_MAX;
}

static int dial(const char *path)
{
	struct timeval limit = { .tv_sec = TIMEOUT_S };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof sun.sun_path)
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int access_connect(struct access **out, const char *socket_path, const char *command,
    const char *reason)
{
	struct access *a;
	int fd;

	if (!is_line(reason))
		return -EINVAL;
	fd = dial(socket_path);
	if (fd < 0)
		return fd;
	a = calloc(1, sizeof *a);
	if (a == NULL) {
		close(fd);
		return -ENOMEM;
	}
	a->fd = fd;
	a->command = command;
	a->reason = reason;
	*out = a;
	return 0;
}

void access_free(struct access *a)
{
	if (a == NULL)
		return;
	close(a->fd);
	free(a);
}

const char *access_why(const struct access *a)
{
	return a->why[0] != '\0' ? a->why : NULL;
}

/* One answer into a->answer, the descriptor that came with it into *file, or -1. */
static int receive(struct access *a, int *file)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = a->answer, .iov_len = sizeof a->answer - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof control.room };
	const struct cmsghdr *c;
	ssize_t n;

	*file = -1;
	do
		n = recvmsg(a->fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -EPIPE;
	a->answer[n] = '\0';
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(file, CMSG_DATA(c), sizeof(int));
	return 0;
}

/* 0 for "ok", 1 for "want", -errno, E_REFUSED. */
static int ask(struct access *a, const char *question, int *file)
{
	int r, code;

	if (send(a->fd, question, strlen(question), MSG_NOSIGNAL) < 0)
		return -errno;
	r = receive(a, file);
	if (r != 0)
		return r;
	if (strcmp(a->answer, "ok") == 0 || strncmp(a->answer, "ok ", 3) == 0)
		return 0;
	if (*file >= 0)
		close(*file);
	*file = -1;
	if (strcmp(a->answer, "want") == 0)
		return 1;
	if (sscanf(a->answer, "error %d", &code) == 1 && code > 0 && code < 4096)
		return -code;
	if (strncmp(a->answer, "refused ", 8) != 0)
		return -EPROTO;
	snprintf(a->why, sizeof a->why, "%s", a->answer + 8);
	return E_REFUSED;
}

int access_sync(struct access *a)
{
	int file, r = ask(a, "sync", &file);

	return r > 0 ? -EPROTO : r;
}

int access_want(struct access *a, uint64_t n)
{
	char question[MESSAGE_MAX], target[24] = "all";
	int file, r;

	if (a->all)
		return 0;
	if (n != ACCESS_ALL)
		snprintf(target, sizeof target, "%llu", (unsigned long long)n);
	snprintf(question, sizeof question, "want %s %s\n%s", a->command, target, a->reason);
	r = ask(a, question, &file);
	a->all = r == 0 && n == ACCESS_ALL;
	return r > 0 ? -EPROTO : r;
}

int access_review(struct access *a, const char *day, const char *note, uint64_t *leaf)
{
	unsigned long long v;
	char *question;
	int file, r;

	if (asprintf(&question, "review %s\n%s", day, note) < 0)
		return -ENOMEM;
	r = ask(a, question, &file);
	free(question);
	if (r != 0)
		return r > 0 ? -EPROTO : r;
	if (sscanf(a->answer, "ok %llu", &v) != 1)
		return -EPROTO;
	*leaf = v;
	return 0;
}

int access_file(struct access *a, const char *path, uint64_t n)
{
	char question[MESSAGE_MAX];
	int file, r;

	if (snprintf(question, sizeof question, "open %s", path) >= (int)sizeof question)
		return -ENAMETOOLONG;
	r = ask(a, question, &file);
	if (r == 1) /* whatever was wanted before */
		a->all = 0;
	if (r == 1 && (r = access_want(a, n)) == 0)
		r = ask(a, question, &file);
	if (r != 0)
		return r > 0 ? -EPROTO : r;
	return file >= 0 ? file : -EPROTO;
}
