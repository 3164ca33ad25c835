/* SPDX-License-Identifier: ISC */
#include "link_local.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FULL_MS 1000    /* a wait for room, after which a daemon that is gone shows */
#define NO_MEMORY_MS 50
#define READ_MS_MAX 32  /* between two looks at what is unread */

int link_local_open(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, r;

	if (len >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int link_local_send(int fd, struct patience *p, const char *message, size_t len)
{
	int r = 0;

	while (send(fd, message, len, MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN)
			r = patience_wait(p, fd, POLLOUT, FULL_MS);
		else if (errno == ENOBUFS || errno == ENOMEM)
			r = patience_wait(p, -1, 0, NO_MEMORY_MS);
		else if (errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
	}
	return 0;
}

/* What a daemon that ended had not read is gone from the queue too, unix(7): but then nothing
 * can be sent to it, not even a datagram without bytes, which daemons pass over. */
int link_local_prove(int fd, struct patience *p)
{
	int unread, ms = 0, r = 0;

	while (r >= 0) {
		if (ioctl(fd, SIOCOUTQ, &unread) < 0)
			return -errno;
		if (unread == 0 && send(fd, "", 0, MSG_NOSIGNAL) == 0)
			return 0;
		if (unread == 0 && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM)
			return -errno;
		ms = ms == 0 ? 1 : ms < READ_MS_MAX ? 2 * ms : READ_MS_MAX;
		r = patience_wait(p, -1, 0, ms);
	}
	return r;
}
