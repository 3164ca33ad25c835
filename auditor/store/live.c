/* SPDX-License-Identifier: ISC */
#include "store/live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int dial(const char *path)
{
	struct timeval limit = { .tv_sec = LIVE_TIMEOUT_S };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof sun.sun_path)
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* Reads up to the first line feed; the text before it becomes a string. */
static int read_line(int fd, char **out)
{
	size_t len = 0, room = 0;
	char *buf = NULL, *end = NULL;
	int r = -EPROTO;

	do {
		ssize_t got;

		if (room - len < 4096) {
			char *p = realloc(buf, room + 65536);

			if (p == NULL || room >= LIVE_ANSWER_MAX) {
				free(p != NULL ? p : buf);
				return p == NULL ? -ENOMEM : -EPROTO;
			}
			buf = p;
			room += 65536;
		}
		got = recv(fd, buf + len, room - len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			r = got < 0 ? -errno : -EPROTO;
			break;
		}
		end = memchr(buf + len, '\n', (size_t)got);
		len += (size_t)got;
	} while (end == NULL);
	if (end == NULL) {
		free(buf);
		return r;
	}
	*end = '\0';
	*out = buf;
	return 0;
}

int live_ask(const char *path, const char *question, char **answer)
{
	int fd = dial(path), r;

	if (fd < 0)
		return fd;
	if (send(fd, question, strlen(question), MSG_NOSIGNAL) != (ssize_t)strlen(question))
		r = errno != 0 ? -errno : -EPROTO;
	else
		r = read_line(fd, answer);
	close(fd);
	return r;
}

int live_sync(const char *socket_path)
{
	char *answer;
	int r = live_ask(socket_path, "sync\n", &answer);

	if (r == 0)
		free(answer);
	return r;
}

static int rotate(const char *socket_path, const char *question)
{
	char *answer;
	int r = live_ask(socket_path, question, &answer);

	if (r != 0)
		return r;
	r = strcmp(answer, "ok") == 0 ? 0 : strcmp(answer, "late") == 0 ? -ETIME :
	    strcmp(answer, "failed") == 0 ? -EIO : -EPROTO;
	free(answer);
	return r;
}

int live_rotate(const char *socket_path)
{
	return rotate(socket_path, "rotate\n");
}

int live_rotate_key(const char *socket_path)
{
	return rotate(socket_path, "rotate-key\n");
}

int live_status(const char *socket_path, char **out)
{
	return live_ask(socket_path, "status\n", out);
}
