/* SPDX-License-Identifier: ISC */
#include "metrics_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

static int open_folder(const char *path)
{
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS};
	struct stat st;
	int fd, r = 0;

	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (fd < 0)
		return errno == ELOOP ? E_KEY : -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022) != 0)
		r = E_KEY;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int replace(int dir, const char *name, const char *text, size_t len)
{
	char hidden[NAME_MAX + 1];
	int fd, r;

	if (snprintf(hidden, sizeof(hidden), ".%s.new", name) >= (int)sizeof(hidden))
		return -ENAMETOOLONG;
	if (unlinkat(dir, hidden, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, hidden, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, text, len);
	if (r == 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(dir, hidden, dir, name) < 0)
		r = -errno;
	if (r != 0)
		unlinkat(dir, hidden, 0);
	return r;
}

int metrics_write(const char *path, const char *text, size_t len)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int dir, r;

	if (slash == NULL || slash[1] == '\0')
		return -EINVAL;
	snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	dir = open_folder(folder);
	if (dir < 0)
		return dir;
	r = replace(dir, slash + 1, text, len);
	close(dir);
	return r;
}
