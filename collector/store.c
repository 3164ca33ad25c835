/* SPDX-License-Identifier: ISC */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define NUMBER_FILE "number"
#define NUMBER_MAX 24

static int number_read(struct store *s)
{
	uint8_t *text;
	char *end;
	size_t len;
	int r;

	r = io_read_file(s->dir, NUMBER_FILE, NUMBER_MAX, &text, &len);
	if (r == -ENOENT) {
		s->number = 0;
		return 0;
	}
	if (r != 0)
		return r;
	if (len == 0) { /* made, and not on disk before the power went */
		free(text);
		s->number = 0;
		return 0;
	}
	errno = 0;
	s->number = strtoull((char *)text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || strcmp(end, "\n") != 0)
		r = E_FORMAT;
	free(text);
	return r;
}

/* Not synced: the session files are, and no number is lower than theirs after the
 * next start.  It is there to show that the newest of them were removed. */
static int number_write(const struct store *s, uint64_t n)
{
	char text[NUMBER_MAX];
	int fd, len, r;

	len = snprintf(text, sizeof(text), "%" PRIu64 "\n", n);
	fd = openat(s->dir, NUMBER_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, text, (size_t)len);
	if (r == 0 && ftruncate(fd, len) < 0) /* one that was taken back may have been longer */
		r = -errno;
	close(fd);
	return r;
}

int store_open(struct store *s, const char *path)
{
	int r;

	*s = (struct store){.dir = -1, .session = -1};
	r = s->dir = io_make_dir(AT_FDCWD, path, 0700);
	if (r >= 0 && flock(s->dir, LOCK_EX | LOCK_NB) < 0)
		r = -errno;
	if (r >= 0)
		r = s->session = io_make_dir(s->dir, "session", 0700);
	if (r >= 0)
		r = number_read(s);
	if (r < 0)
		store_close(s);
	return r;
}

void store_close(struct store *s)
{
	if (s->session >= 0)
		close(s->session);
	if (s->dir >= 0)
		close(s->dir);
	s->session = s->dir = -1;
}

/* A folder below up that is on disk when this returns. */
static int make_synced(int up, const char *name)
{
	int fd;

	fd = openat(up, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	fd = io_make_dir(up, name, 0700);
	if (fd >= 0 && fsync(up) < 0) {
		close(fd);
		fd = -errno;
	}
	return fd;
}

int store_day_open(const struct store *s, const char *day, int make)
{
	char part[3][8] = {"", "", ""};
	int fd, up, i;

	if (sscanf(day, "%7[^/]/%7[^/]/%7[^/]", part[0], part[1], part[2]) != 3)
		return -EINVAL;
	up = s->session;
	for (i = 0; i < 3; i++) {
		if (make)
			fd = make_synced(up, part[i]);
		else
			fd = openat(up, part[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd == -1)
			fd = -errno;
		if (up != s->session)
			close(up);
		if (fd < 0)
			return fd;
		up = fd;
	}
	return up;
}

/* A file under its final name with its first bytes. */
static int create_file(int dirfd, const char *temp, const char *final, const void *p, size_t len)
{
	int fd, r;

	fd = openat(dirfd, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = io_write_all(fd, p, len);
	if (r == 0 && renameat2(dirfd, temp, dirfd, final, RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	unlinkat(dirfd, temp, 0);
	close(fd);
	return r;
}

int store_create(struct store *s, const char *day, const struct session_name *name,
    const void *first, size_t len, int *folder)
{
	char final[STORE_NAME_MAX], temp[STORE_TEMP_MAX];
	int dirfd, fd, r;

	if (name->n != s->number + 1)
		return -EINVAL;
	store_name_format(final, name);
	snprintf(temp, sizeof(temp), STORE_TEMP "new-%s", final);
	dirfd = store_day_open(s, day, 1);
	if (dirfd < 0)
		return dirfd;
	fd = create_file(dirfd, temp, final, first, len);
	if (fd >= 0) {
		r = number_write(s, name->n);
		if (r == 0 || unlinkat(dirfd, final, 0) < 0)
			s->number = name->n;
		if (r != 0) {
			close(fd);
			fd = r;
		}
	}
	if (fd < 0)
		close(dirfd);
	else
		*folder = dirfd;
	return fd;
}

int store_uncreate(struct store *s, const char *day, const struct session_name *name)
{
	char final[STORE_NAME_MAX];
	int dirfd, r = 0;

	if (name->n != s->number)
		return -EINVAL;
	dirfd = store_day_open(s, day, 0);
	if (dirfd < 0)
		return dirfd;
	store_name_format(final, name);
	if (unlinkat(dirfd, final, 0) < 0)
		r = -errno;
	close(dirfd);
	if (r != 0)
		return r;
	s->number--;
	return number_write(s, s->number);
}

int store_saw(struct store *s, uint64_t n)
{
	int r;

	if (n <= s->number)
		return 0;
	r = number_write(s, n);
	if (r == 0)
		s->number = n;
	return r;
}

int store_rename(const struct store *s, const char *day, struct session_name *name,
    enum session_state to)
{
	char from_name[STORE_NAME_MAX], to_name[STORE_NAME_MAX];
	struct session_name renamed = *name;
	int dirfd, r = 0;

	renamed.state = to;
	store_name_format(from_name, name);
	store_name_format(to_name, &renamed);
	dirfd = store_day_open(s, day, 0);
	if (dirfd < 0)
		return dirfd;
	if (renameat2(dirfd, from_name, dirfd, to_name, RENAME_NOREPLACE) < 0)
		r = -errno;
	else
		*name = renamed;
	close(dirfd);
	return r;
}
