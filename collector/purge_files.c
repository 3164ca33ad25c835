/* SPDX-License-Identifier: ISC */
/* Sessions without their payload: files and folders. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "io.h"
#include "legal_hold.h"
#include "purge_internal.h"
#include "segment.h"

#define SECOND INT64_C(1000000000)

static int find_one(void *arg, int dirfd, const char *day, const char *name)
{
	struct purge_job *j = arg;
	struct session_name s;

	(void)dirfd;
	if (store_name_parse(&s, name) != 0 || s.n != j->n)
		return 0;
	j->name = s;
	memcpy(j->day, day, strnlen(day, STORE_DAY_MAX - 1) + 1);
	return 1;
}

int purge_find(const struct store *s, struct purge_job *j)
{
	int r = j->day[0] != '\0' ? 1 : store_walk(s, "", find_one, j);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return j->name.state == SESSION_LIVE ? PURGE_LIVE : 0;
}

/* The folder, on disk where it is new. */
static int open_folder(const struct store *s)
{
	int fd = io_make_dir(s->dir, PURGE_DIR, 0700);

	if (fd >= 0 && fsync(s->dir) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

static int reduce(struct purge_job *j, int in, int out)
{
	int r = container_purge(in, out, clock_wall(), &j->count);

	if (r != 0)
		return r > 0 ? PURGE_ALREADY : r;
	if (j->count.n != j->n || memcmp(j->count.id, j->name.id, ID_SIZE) != 0)
		return E_CHAIN;
	if (j->count.end_ns > j->ended_by)
		return PURGE_YOUNG;
	return fsync(out) < 0 ? -errno : 0;
}

/* As name below folder, from the file of the same name below day. */
static int write_rest(struct purge_job *j, int folder, int day, const char *name)
{
	int in, out, r;

	in = openat(day, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return -errno;
	out = openat(folder, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = out < 0 ? -errno : reduce(j, in, out);
	close(in);
	if (out >= 0)
		close(out);
	if (r == 0 && fsync(folder) < 0)
		r = -errno;
	if (r != 0)
		unlinkat(folder, name, 0);
	return r;
}

/* PURGE_DIR, and the folder of the session's day, with the name that its file has in both. */
struct places {
	char name[STORE_NAME_MAX];
	int folder, day;
};

static int open_places(struct places *p, const struct store *s, const struct purge_job *j)
{
	store_name_format(p->name, &j->name);
	p->day = store_day_open(s, j->day, 0);
	if (p->day < 0)
		return p->day;
	p->folder = open_folder(s);
	if (p->folder < 0)
		close(p->day);
	return p->folder < 0 ? p->folder : 0;
}

static void close_places(const struct places *p)
{
	close(p->folder);
	close(p->day);
}

int purge_prepare(const struct store *s, struct purge_job *j)
{
	struct places p;
	int r = purge_find(s, j);

	if (r == 0)
		r = open_places(&p, s, j);
	if (r != 0)
		return r;
	r = write_rest(j, p.folder, p.day, p.name);
	close_places(&p);
	return r;
}

static int replace(int folder, int day, const char *name, struct packer *packer)
{
	int r;

	packer_pause(packer); /* or it would put the whole file in its place again */
	r = renameat(folder, name, day, name) < 0 ? -errno : 0;
	packer_resume(packer);
	if (r == 0 && (fsync(day) < 0 || fsync(folder) < 0))
		r = -errno;
	return r;
}

int purge_commit(const struct store *s, struct packer *packer, const struct purge_job *j)
{
	struct places p;
	int r = open_places(&p, s, j);

	if (r != 0)
		return r;
	r = replace(p.folder, p.day, p.name, packer);
	close_places(&p);
	return r;
}

void purge_drop(const struct store *s, const struct purge_job *j)
{
	char name[STORE_NAME_MAX];
	int folder = open_folder(s);

	if (folder < 0)
		return;
	store_name_format(name, &j->name);
	unlinkat(folder, name, 0);
	close(folder);
}

struct scan {
	const struct store *store;
	struct purge_list *list;
	char last[STORE_DAY_MAX];
	unsigned found;
};

static int is_purged(int dirfd, const char *name)
{
	uint8_t first[PURGED_HEADER];
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), yes;

	if (fd < 0)
		return 1; /* nothing that can be done about it */
	yes = pread(fd, first, sizeof(first), 0) == (ssize_t)sizeof(first) &&
	    memcmp(first, PURGED_START, sizeof(first)) == 0;
	close(fd);
	return yes;
}

static int scan_one(void *arg, int dirfd, const char *day, const char *name)
{
	struct scan *k = arg;
	struct session_name s;
	struct purge_job *j;

	if (strcmp(day, k->last) > 0 || store_name_parse(&s, name) != 0 ||
	    s.state == SESSION_LIVE || is_purged(dirfd, name) || legal_hold_is(k->store, s.n))
		return 0;
	j = calloc(1, sizeof(*j));
	if (j == NULL)
		return -ENOMEM;
	j->n = s.n;
	j->name = s;
	memcpy(j->day, day, strnlen(day, STORE_DAY_MAX - 1) + 1);
	TAILQ_INSERT_TAIL(k->list, j, link);
	return ++k->found == PURGE_SCAN_MAX;
}

int purge_scan(const struct store *s, int64_t began_by_s, struct purge_list *list)
{
	struct scan k = {.store = s, .list = list};

	store_day(k.last, began_by_s * SECOND);
	return store_walk(s, "", scan_one, &k);
}
