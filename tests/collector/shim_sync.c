/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellacd: fdatasync(2) of live session files waits while the
 * file $SHIM_SYNC holds "hold", and fails while it holds "fail".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_live_file(int fd)
{
	char link[40], path[512], *name;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	name = strrchr(path, '/');
	return name != NULL && name[1] >= '1' && name[1] <= '9' && n > 5 &&
	    strcmp(path + n - 5, ".live") == 0;
}

/* first letter of what the test wrote, 0 when there is nothing */
static char wish(void)
{
	const char *path = getenv("SHIM_SYNC");
	char c = 0;
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		if (read(fd, &c, 1) != 1)
			c = 0;
		close(fd);
	}
	return c;
}

int fdatasync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	if (!is_live_file(fd))
		return real(fd);
	while (wish() == 'h')
		usleep(10000);
	if (wish() == 'f') {
		errno = EIO;
		return -1;
	}
	return real(fd);
}
