/* SPDX-License-Identifier: ISC */
#include "store/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int make_in(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || snprintf(path, sizeof path, "%s/shellac-XXXXXX", folder) >= PATH_MAX)
		return fd;
	fd = mkostemp(path, O_CLOEXEC); /* a file system without O_TMPFILE */
	if (fd >= 0)
		unlink(path);
	return fd;
}

int temp_file(void)
{
	const char *own = secure_getenv("TMPDIR");
	int fd = -1;

	if (own != NULL && own[0] == '/')
		fd = make_in(own);
	if (fd < 0)
		fd = make_in("/var/tmp");
	if (fd < 0)
		fd = make_in("/tmp");
	return fd < 0 ? -errno : fd;
}

int temp_file_again(int fd)
{
	char path[40];
	int again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	return again < 0 ? -errno : again;
}
