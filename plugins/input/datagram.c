/* SPDX-License-Identifier: ISC */
#include "datagram.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGES 64 /* a turn */

/* One that was left behind refuses. */
static int is_left(const struct sockaddr_un *a)
{
	struct stat st;
	int fd, r;

	if (lstat(a->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	r = connect(fd, (const struct sockaddr *)a, sizeof(*a)) != 0 && errno == ECONNREFUSED;
	close(fd);
	return r;
}

int datagram_open(const char *path, mode_t mode)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd, r = 0;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path));
	if (is_left(&a))
		unlink(path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* nobody may write to it before it has its mode: umask is 077 */
	if (bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 || chmod(path, mode) != 0) {
		r = -errno;
		close(fd);
	}
	return r != 0 ? r : fd;
}

int datagram_turn(int fd, lines_got *got, void *ctx)
{
	static char message[LINE_MAX_BYTES + 1];
	static struct lines lines;

	for (int i = 0; i < MESSAGES; i++) {
		ssize_t n = recv(fd, message, sizeof(message), MSG_TRUNC);
		size_t len = (size_t)n;

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (len > sizeof(message)) { /* the rest of it is gone */
			lines.left_out = len - sizeof(message);
			len = sizeof(message);
		}
		lines_take(&lines, message, len, got, ctx);
		lines_end(&lines, got, ctx);
	}
	return 1;
}

void datagram_close(int fd, const char *path)
{
	close(fd);
	unlink(path);
}
