/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellacd: fdatasync(2) and fsync(2) of live session files, or of those
 * whose path ends in $SHIM_SYNC_NAME, wait while the file $SHIM_SYNC holds "hold", fail while
 * it holds "fail" and take 5 ms while it holds "slow".  How many bytes of the last file
 * they have put on disk is in $SHIM_SYNCED, as text.  syncfs(2) does as the file $SHIM_SYNCFS
 * says; its "slow" is 600 ms.  poll(2) of one descriptor that is not to wait, which asks for a
 * FIFO's writers, does while $SHIM_SYNC holds "poll", and send(2) of a message to a recorder
 * while it holds "message".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_live_file(int fd)
{
	const char *wanted = getenv("SHIM_SYNC_NAME");
	char link[40], path[512], *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	if (wanted != NULL)
		return (size_t)n >= strlen(wanted) &&
		    strcmp(path + n - strlen(wanted), wanted) == 0;
	name = strrchr(path, '/');
	return name != NULL && name[1] >= '1' && name[1] <= '9' && n > 5 &&
	    strcmp(path + n - 5, ".live") == 0;
}

/* first letter of what the test wrote, 0 when there is nothing */
static char wish(const char *where)
{
	const char *path = getenv(where);
	char c = 0;
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		if (read(fd, &c, 1) != 1)
			c = 0;
		close(fd);
	}
	return c;
}

static void tell(off_t size)
{
	const char *path = getenv("SHIM_SYNCED");
	char text[24];
	int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	snprintf(text, sizeof(text), "%020ld\n", (long)size);
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* 0, or -1 where the call is to fail. */
static int wait_as_wished(const char *where, useconds_t slow_us)
{
	while (wish(where) == 'h')
		usleep(10000);
	if (wish(where) == 'f') {
		errno = EIO;
		return -1;
	}
	if (wish(where) == 's')
		usleep(slow_us);
	return 0;
}

static int sync_file(const char *name, int fd)
{
	struct stat st = {0};
	int (*real)(int), r;

	*(void **)&real = dlsym(RTLD_NEXT, name);
	if (!is_live_file(fd))
		return real(fd);
	if (wait_as_wished("SHIM_SYNC", 5000) < 0 || fstat(fd, &st) < 0)
		return -1;
	r = real(fd);
	if (r == 0)
		tell(st.st_size);
	return r;
}

int fdatasync(int fd)
{
	return sync_file("fdatasync", fd);
}

int fsync(int fd)
{
	return sync_file("fsync", fd);
}

int syncfs(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "syncfs");
	return wait_as_wished("SHIM_SYNCFS", 600000) < 0 ? -1 : real(fd);
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	int (*real)(struct pollfd *, nfds_t, int);

	*(void **)&real = dlsym(RTLD_NEXT, "poll");
	while (n == 1 && ms == 0 && wish("SHIM_SYNC") == 'p')
		usleep(10000);
	return real(p, n, ms);
}

ssize_t send(int fd, const void *p, size_t len, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int);

	*(void **)&real = dlsym(RTLD_NEXT, "send");
	while ((flags & MSG_DONTWAIT) != 0 && wish("SHIM_SYNC") == 'm')
		usleep(10000);
	return real(fd, p, len, flags);
}
