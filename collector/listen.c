/* SPDX-License-Identifier: ISC */
#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

static int address(struct sockaddr_un *a, const char *dir, const char *name)
{
	int n;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(a->sun_path, sizeof(a->sun_path), "%s/%s", dir, name);
	return n < (int)sizeof(a->sun_path) ? 0 : -ENAMETOOLONG;
}

int listen_unix(const char *dir, const char *name, int type)
{
	struct sockaddr_un a;
	mode_t mask;
	int fd, r;

	r = address(&a, dir, name);
	if (r != 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(a.sun_path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	umask(mask);
	if (r == 0 && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r != 0) {
		close(fd);
		return r;
	}
	return fd;
}

int listen_grant(const char *dir, const char *name, uid_t uid)
{
	struct sockaddr_un a;
	int r;

	r = address(&a, dir, name);
	return r != 0 ? r : lchown(a.sun_path, uid, (gid_t)-1) < 0 ? -errno : 0;
}

void listen_remove(const char *dir, const char *name)
{
	struct sockaddr_un a;

	if (address(&a, dir, name) == 0)
		unlink(a.sun_path);
}

int listen_accept(int fd)
{
	int s;

	do
		s = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (s < 0 && (errno == EINTR || errno == ECONNABORTED));
	return s < 0 ? -errno : s;
}
