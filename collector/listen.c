/* SPDX-License-Identifier: ISC */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define FIRST_FD 3 /* sd_listen_fds(3) */
#define HELD_MAX 4

static int held[HELD_MAX];
static unsigned held_used;
static int stored = -1;

static int address(struct sockaddr_un *a, const char *dir, const char *name)
{
	int n;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(a->sun_path, sizeof(a->sun_path), "%s/%s", dir, name);
	return n < (int)sizeof(a->sun_path) ? 0 : -ENAMETOOLONG;
}

void listen_keep(int fd)
{
	if (held_used < HELD_MAX)
		held[held_used++] = fd;
}

static int is_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

static void take_folder(int fd)
{
	struct stat st;

	if (stored >= 0 || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	stored = fd;
}

int listen_stored(void)
{
	int fd = stored;

	stored = -1;
	return fd;
}

int listen_take(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	long n = pid != NULL && fds != NULL && strtol(pid, NULL, 10) == (long)getpid() ?
	    strtol(fds, NULL, 10) : 0;
	int fd;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (fd = FIRST_FD; fd < FIRST_FD + HELD_MAX && fd - FIRST_FD < n; fd++) {
		if (!is_listening(fd)) {
			take_folder(fd);
			continue;
		}
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		listen_keep(fd);
	}
	return (int)held_used;
}

/* The one of this name and type that somebody else holds, or -1. */
static int find_held(const struct sockaddr_un *a, int type)
{
	struct sockaddr_un b;
	socklen_t len, size;
	unsigned i;
	int t;

	for (i = 0; i < held_used; i++) {
		memset(&b, 0, sizeof(b));
		len = sizeof(b);
		size = sizeof(t);
		if (getsockname(held[i], (struct sockaddr *)&b, &len) == 0 && len <= sizeof(b) &&
		    b.sun_family == AF_UNIX && strncmp(a->sun_path, b.sun_path, sizeof(b.sun_path)) == 0 &&
		    getsockopt(held[i], SOL_SOCKET, SO_TYPE, &t, &size) == 0 && t == type)
			return held[i];
	}
	return -1;
}

int listen_unix(const char *dir, const char *name, int type)
{
	struct sockaddr_un a;
	mode_t mask;
	int fd, r;

	r = address(&a, dir, name);
	if (r != 0)
		return r;
	fd = find_held(&a, type);
	if (fd >= 0)
		return fd;
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

int listen_grant_group(const char *dir, const char *name, gid_t gid)
{
	struct sockaddr_un a;
	int r;

	r = address(&a, dir, name);
	if (r != 0)
		return r;
	return lchown(a.sun_path, (uid_t)-1, gid) < 0 || chmod(a.sun_path, 0660) < 0 ? -errno : 0;
}

void listen_remove(const char *dir, const char *name)
{
	struct sockaddr_un a;

	if (address(&a, dir, name) == 0 && find_held(&a, SOCK_SEQPACKET) < 0 &&
	    find_held(&a, SOCK_STREAM) < 0)
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
