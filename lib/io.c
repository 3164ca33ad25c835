/* SPDX-License-Identifier: ISC */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"

int io_write_all(int fd, const void *p, size_t len)
{
	const uint8_t *b = p;
	ssize_t n;

	while (len > 0) {
		n = write(fd, b, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		b += n;
		len -= (size_t)n;
	}
	return 0;
}

int io_pwrite_all(int fd, const void *p, size_t len, uint64_t off)
{
	const uint8_t *b = p;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, b, len, (off_t)off);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		b += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return 0;
}

ssize_t io_read_all(int fd, void *p, size_t len)
{
	uint8_t *b = p;
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = read(fd, b + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

ssize_t io_pread_all(int fd, void *p, size_t len, uint64_t off)
{
	uint8_t *b = p;
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = pread(fd, b + got, len - got, (off_t)(off + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int check_regular(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return 0;
	return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
}

/* Sizes are not believed: /proc says 0, and files grow. */
int io_read_fd(int fd, size_t max, uint8_t **out, size_t *len)
{
	size_t room = 0, got = 0;
	uint8_t *buf = NULL, *more;
	ssize_t n;
	int r;

	do {
		room = room == 0 ? 4096 : room * 2;
		if (room > max)
			room = max + 1;
		more = realloc(buf, room + 1);
		if (more == NULL) {
			r = -ENOMEM;
			goto out;
		}
		buf = more;
		n = io_read_all(fd, buf + got, room - got);
		if (n < 0) {
			r = (int)n;
			goto out;
		}
		got += (size_t)n;
	} while (got == room && got <= max);
	r = got > max ? E_RANGE : 0;
	if (r == 0) {
		buf[got] = '\0';
		*out = buf;
		*len = got;
		buf = NULL;
	}
out:
	free(buf);
	return r;
}

int io_read_file(int dirfd, const char *name, size_t max, uint8_t **out, size_t *len)
{
	int fd, r;

	/* O_NONBLOCK: opening somebody's FIFO must not hang */
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = check_regular(fd);
	if (r == 0)
		r = io_read_fd(fd, max, out, len);
	close(fd);
	return r;
}

/* A new file name below dirfd with these bytes, synced. */
static int write_new(int dirfd, const char *name, mode_t mode, const void *p, size_t len)
{
	int fd, r;

	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, p, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

int io_replace_file(int dirfd, const char *name, mode_t mode, const void *p, size_t len)
{
	char temp[NAME_MAX + 1];
	int folder, r;

	if (strchr(name, '/') != NULL)
		return -EINVAL;
	if (snprintf(temp, sizeof(temp), "%s.new", name) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	/* dirfd itself may be AT_FDCWD or O_PATH, which fsync(2) does not take */
	folder = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	r = write_new(folder, temp, mode, p, len);
	if (r == 0 && renameat(folder, temp, folder, name) < 0)
		r = -errno;
	if (r != 0)
		unlinkat(folder, temp, 0);
	else if (fsync(folder) < 0)
		r = -errno;
	close(folder);
	return r;
}

int io_make_dir(int dirfd, const char *path, mode_t mode)
{
	int fd;

	if (mkdirat(dirfd, path, mode) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

DIR *io_list_dir(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), saved;
	DIR *d;

	if (fd < 0)
		return NULL;
	d = fdopendir(fd);
	if (d == NULL) {
		saved = errno;
		close(fd);
		errno = saved;
	}
	return d;
}
