/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellacd: fdatasync(2) of live session files, or of those whose path
 * ends in $SHIM_SYNC_NAME, waits while the file $SHIM_SYNC holds "hold", fails while it
 * holds "fail" and takes 5 ms while it holds "slow".  How many bytes of the last file it has put on disk is in
 * $SHIM_SYNCED, as text.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int fdatasync(int fd)
{
	struct stat st = {0};
	int (*real)(int), r;

	*(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
	if (!is_live_file(fd))
		return real(fd);
	while (wish() == 'h')
		usleep(10000);
	if (wish() == 'f') {
		errno = EIO;
		return -1;
	}
	if (wish() == 's')
		usleep(5000);
	if (fstat(fd, &st) < 0)
		return -1;
	r = real(fd);
	if (r == 0)
		tell(st.st_size);
	return r;
}
