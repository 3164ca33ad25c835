/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "err.h"
#include "follow_internal.h"
#include "log.h"

/* A file that had the path's name, perhaps. */
struct older {
	char *path;
	struct timespec written;
};

struct olders {
	struct older *list;
	size_t count, room;
};

/* log.1, log-20261122, but not log.2.gz */
static int is_older_name(const char *name, const char *base)
{
	static const char *const packed[] = {".gz", ".xz", ".zst", ".bz2", ".lz4"};
	size_t len = strlen(base), n = strlen(name);

	if (strncmp(name, base, len) != 0 || (name[len] != '.' && name[len] != '-'))
		return 0;
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
		size_t end = strlen(packed[i]);

		if (n > end && strcmp(name + n - end, packed[i]) == 0)
			return 0;
	}
	return 1;
}

static int add(struct olders *o, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int r;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path) ||
	    stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	if ((r = array_room(&o->list, o->count, &o->room, sizeof(*o->list))) != 0)
		return r;
	o->list[o->count].path = strdup(path);
	o->list[o->count].written = st.st_mtim;
	return o->list[o->count].path != NULL ? (o->count++, 0) : -ENOMEM;
}

static int list_olders(struct olders *o, const char *path)
{
	char copy[PATH_MAX];
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path, *folder;
	struct dirent *e;
	DIR *d;
	int r = 0;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return -ENAMETOOLONG;
	folder = dirname(copy);
	d = opendir(folder);
	if (d == NULL)
		return -errno;
	while (r == 0 && (e = readdir(d)) != NULL)
		if (is_older_name(e->d_name, base))
			r = add(o, folder, e->d_name);
	closedir(d);
	return r;
}

/* The newest first */
static int by_age(const void *a, const void *b)
{
	const struct older *x = a, *y = b;

	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec > y->written.tv_sec ? -1 : 1;
	if (x->written.tv_nsec != y->written.tv_nsec)
		return x->written.tv_nsec > y->written.tv_nsec ? -1 : 1;
	return strcmp(y->path, x->path);
}

/* Goes on in the one where the place is; those that are newer come behind it.  1, or 0 where
 * it is in none. */
static int use_older(struct follow *f, struct olders *o)
{
	size_t i;
	int fd = -1;

	for (i = 0; i < o->count; i++) {
		fd = follow_open_file(o->list[i].path);
		if (fd >= 0 && place_is_in(&f->place, fd) == 1)
			break;
		if (fd >= 0)
			close(fd);
	}
	if (i == o->count)
		return 0;
	f->rest = calloc(i + 1, sizeof(*f->rest));
	for (size_t j = 0; f->rest != NULL && j < i; j++) {
		f->rest[f->rests++] = o->list[j].path;
		o->list[j].path = NULL;
	}
	follow_use(f, fd, f->place.offset);
	return 1;
}

/* The file at the path is not the one that was read, or was cut. */
static int find_older(struct follow *f, int fd)
{
	struct olders o = {0};
	int r = list_olders(&o, f->path), found = 0;

	if (r == 0 && o.count > 0) {
		qsort(o.list, o.count, sizeof(*o.list), by_age);
		found = use_older(f, &o);
	}
	for (size_t i = 0; i < o.count; i++)
		free(o.list[i].path);
	free(o.list);
	if (found) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	log_warn("%s was cut, or what was read last is gone: lines that it had more are missing",
	    f->path);
	if (fd >= 0)
		follow_use(f, fd, 0);
	return r;
}

static int begin(struct follow *f, int fd, int from_start)
{
	struct stat st;

	if (fd < 0)
		return 0; /* all of it, once it is there */
	if (fstat(fd, &st) != 0) {
		close(fd);
		return -EIO;
	}
	follow_use(f, fd, from_start ? 0 : (uint64_t)st.st_size);
	return 0;
}

int follow_find(struct follow *f, int from_start)
{
	int r = f->state != NULL ? place_load(&f->place, f->state) : -ENOENT, fd;

	if (r != 0 && r != -ENOENT) {
		log_error("%s: %s; remove it to begin anew", f->state, err_text(r));
		return r;
	}
	fd = follow_open_file(f->path);
	if (fd < 0 && fd != -ENOENT) {
		log_error("%s: %s", f->path, err_text(fd));
		return fd;
	}
	if (r == -ENOENT)
		return begin(f, fd, from_start);
	if (fd < 0 || place_is_in(&f->place, fd) != 1)
		return find_older(f, fd);
	follow_use(f, fd, f->place.offset);
	return 0;
}
