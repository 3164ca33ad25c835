/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

#define WAIT_S 5
#define TEXT_MAX 128 /* of ours, all are shorter */
#define STORE_NAME "FDNAME=store"

static struct sockaddr_un manager;
static socklen_t manager_len; /* 0: there is none */

/* A path or, behind '@', an abstract name; anything else is nobody's address. */
void notify_take(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;

	manager_len = 0;
	if (len > 1 && len < sizeof(manager.sun_path) && (path[0] == '/' || path[0] == '@')) {
		manager = (struct sockaddr_un){.sun_family = AF_UNIX};
		memcpy(manager.sun_path, path, len);
		if (path[0] == '@')
			manager.sun_path[0] = '\0';
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	}
	unsetenv("NOTIFY_SOCKET");
}

/* A manager that does not listen misses a word; nothing here depends on it. */
static void send_it(const struct msghdr *m)
{
	const struct timeval wait = {.tv_sec = WAIT_S};
	int s;

	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return;
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	sendmsg(s, m, MSG_NOSIGNAL);
	close(s);
}

/* fd: goes with it, or -1. */
static void say(const char *text, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	char copy[TEXT_MAX];
	struct iovec iov = {.iov_base = copy};
	struct msghdr m = {.msg_name = &manager, .msg_namelen = manager_len, .msg_iov = &iov,
		.msg_iovlen = 1};
	struct cmsghdr *c;

	if (manager_len == 0)
		return;
	iov.iov_len = strnlen(text, sizeof(copy));
	memcpy(copy, text, iov.iov_len);
	if (fd >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(fd))};
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	send_it(&m);
}

void notify_say(const char *text)
{
	say(text, -1);
}

void notify_store(int fd)
{
	say("FDSTOREREMOVE=1\n" STORE_NAME, -1);
	if (fd >= 0)
		say("FDSTORE=1\n" STORE_NAME, fd);
}

void notify_reloading(void)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, clock_mono() / 1000);
	say(text, -1);
}

int notify_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}
