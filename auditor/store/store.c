/* SPDX-License-Identifier: ISC */
#include "store/store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "store/access.h"
#include "io.h"
#include "store/fleet_store.h"
#include "store/store_walk.h"

#define SECOND UINT64_C(1000000000)
#define NUMBER_MAX 32 /* bytes of the file number */

int store_open(struct store *s, const char *path)
{
	memset(s, 0, sizeof *s);
	s->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

void store_open_by(struct store *s, struct access *access)
{
	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->access = access;
}

int store_want_all(const struct store *s)
{
	return s->access != NULL ? access_want(s->access, ACCESS_ALL) : 0;
}

size_t store_first(const struct store *s, uint64_t n)
{
	return ARRAY_FIRST(s->session, s->sessions, name.n, n);
}

static void forget(struct store *s)
{
	while (s->strays > 0)
		free(s->stray[--s->strays]);
	s->sessions = 0;
}

void store_close(struct store *s)
{
	forget(s);
	free(s->session);
	free(s->stray);
	if (s->fd >= 0)
		close(s->fd);
	access_free(s->access);
	fleet_store_free(s->fleet);
	memset(s, 0, sizeof *s);
	s->fd = -1;
}

static int64_t nanoseconds(const struct timespec *t)
{
	return (int64_t)((uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec);
}

struct store_state store_state_from(const struct stat *st)
{
	return (struct store_state){ .dev = st->st_dev, .ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = nanoseconds(&st->st_mtim),
		.ctime_ns = nanoseconds(&st->st_ctim) };
}

int store_state_of(struct store_state *out, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	*out = store_state_from(&st);
	return 0;
}

int store_state_same(const struct store_state *a, const struct store_state *b)
{
	return a->ino != 0 && a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* A number that is not there or makes no sense is 0: what is missing is then
 * told from the sessions alone. */
static uint64_t read_last(const struct store *s)
{
	uint8_t *text;
	size_t len;
	unsigned long long v = 0;

	if (store_read_file(s, "number", NUMBER_MAX, &text, &len) != 0)
		return 0;
	if (len > 0 && isdigit(text[0]))
		v = strtoull((const char *)text, NULL, 10);
	free(text);
	return v <= INT64_MAX ? v : 0;
}

int store_walk(struct store *s)
{
	forget(s);
	if (s->fleet != NULL)
		return fleet_store_walk(s);
	s->last = read_last(s); /* first: sessions that start meanwhile are no gap */
	return store_walk_folders(s);
}

void store_session_path(char *out, const struct store_session *e)
{
	char name[STORE_NAME_MAX];

	store_name_format(name, &e->name);
	snprintf(out, STORE_PATH_MAX, "session/%s/%s", e->day, name);
}

/* Opens the folder part of path, one component at a time.  The last component is
 * left in *name. */
static int open_parent(int fd, const char *path, const char **name)
{
	const char *slash;
	int at = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	while (at >= 0 && (slash = strchr(path, '/')) != NULL) {
		char part[256];
		int next = -1;

		if ((size_t)(slash - path) < sizeof part) {
			memcpy(part, path, (size_t)(slash - path));
			part[slash - path] = '\0';
			next = openat(at, part,
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		} else {
			errno = ENAMETOOLONG;
		}
		close(at);
		at = next;
		path = slash + 1;
	}
	*name = path;
	return at < 0 ? -errno : at;
}

/* The session that a path is about, or ACCESS_ALL. */
static uint64_t number_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct session_name name;

	if (slash == NULL || store_name_parse(&name, slash + 1) != 0)
		return ACCESS_ALL;
	return name.n;
}

static int open_at(const struct store *s, const char *path, int flags)
{
	int dir, fd;

	if (s->access != NULL)
		return access_file(s->access, path, number_of(path));
	dir = open_parent(s->fd, path, &path);
	if (dir < 0)
		return dir;
	fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

int store_open_file(const struct store *s, const char *path)
{
	int fd = s->fleet != NULL ? fleet_store_file(s, path) :
	    open_at(s, path, O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -EINVAL;
	}
	return fd;
}

int store_open_folder(const struct store *s, const char *path)
{
	return s->fleet != NULL ? -ENOTSUP : open_at(s, path, O_DIRECTORY);
}

static int list_folder(DIR *d, int (*take)(void *arg, const char *name), void *arg)
{
	const struct dirent *e;
	int r = 0;

	while (r == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = take(arg, e->d_name);
	return r != 0 ? r : -errno;
}

int store_list(const struct store *s, const char *path,
    int (*take)(void *arg, const char *name), void *arg)
{
	int fd, r;
	DIR *d;

	if (s->fleet != NULL)
		return fleet_store_list(s, path, take, arg);
	fd = store_open_folder(s, path);
	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (d == NULL) {
		r = -errno;
		close(fd);
		return r;
	}
	r = list_folder(d, take, arg);
	closedir(d);
	return r;
}

int store_file_state(const struct store *s, const char *path, struct store_state *out)
{
	int fd, r;

	if (s->fleet != NULL)
		return fleet_store_state(s, path, out);
	fd = open_at(s, path, O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	r = store_state_of(out, fd);
	close(fd);
	return r;
}

int store_read_file(const struct store *s, const char *path, size_t max, uint8_t **out,
    size_t *len)
{
	int fd = store_open_file(s, path), r;

	if (fd < 0)
		return fd;
	r = io_read_fd(fd, max, out, len);
	close(fd);
	return r;
}

int store_open_session(const struct store *s, struct store_session *e)
{
	static const enum session_state later[] = { SESSION_CLOSED, SESSION_CUT };
	struct store_session try = *e;
	char path[STORE_PATH_MAX];
	size_t i;
	int fd;

	store_session_path(path, e);
	fd = store_open_file(s, path);
	for (i = 0; fd == -ENOENT && e->name.state == SESSION_LIVE && i < 2; i++) {
		try.name.state = later[i];
		store_session_path(path, &try);
		fd = store_open_file(s, path);
	}
	if (fd >= 0)
		*e = try;
	return fd;
}
