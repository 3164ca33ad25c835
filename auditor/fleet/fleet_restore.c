/* SPDX-License-Identifier: ISC */
/* A host's store as a folder again, from what the fleet has of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container.h"
#include "err.h"
#include "fleet/fleet_verbs.h"
#include "fleet/hosts.h"
#include "frame.h"
#include "io.h"
#include "ledger_file.h"
#include "process_record.h"
#include "store/fleet_store.h"

#define COPY 65536
#define DEPTH 16 /* folders open at once while a failed one is taken away */

struct restore {
	struct auditor *a; /* of the host */
	int dir;           /* the new folder */
	int plain;
	unsigned long long files, sessions;
	int bad;           /* said: something is not as it was */
};

/* A path that a store has, below it and nothing else. */
static int is_path(const char *path)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len;

	for (;; path += len + 1) {
		len = strspn(path, fine);
		if (len == 0 || len > NAME_MAX || path[0] == '.')
			return 0;
		if (path[len] != '/')
			return path[len] == '\0';
	}
}

static int make_folders(int dir, const char *path)
{
	char part[PATH_MAX];
	const char *slash = path;

	while ((slash = strchr(slash, '/')) != NULL) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (mkdirat(dir, part, 0700) != 0 && errno != EEXIST)
			return -errno;
		slash++;
	}
	return 0;
}

static int copy(int in, int out)
{
	static uint8_t buf[COPY];
	uint64_t at = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = io_pread_all(in, buf, sizeof buf, at)) != 0) {
		if (n < 0)
			return (int)n;
		r = io_write_all(out, buf, (size_t)n);
		at += (uint64_t)n;
	}
	return r;
}

static int is_plain(int fd)
{
	uint8_t first;

	return io_pread_all(fd, &first, 1, 0) == 1 && first == FRAME_MAGIC;
}

/* What is no row of whole frames its collector could not pack either. */
static int pack_or_copy(int in, int out)
{
	int r = lseek(in, 0, SEEK_SET) < 0 ? -errno : container_pack(in, out);

	if (r != E_FORMAT && r != E_RANGE && r != E_SHORT)
		return r;
	if (ftruncate(out, 0) != 0 || lseek(out, 0, SEEK_SET) < 0)
		return -errno;
	return copy(in, out);
}

/* Writes what fd holds to path, which is not there yet. */
static int put(struct restore *r, const char *path, int fd, int packed)
{
	int e = is_path(path) ? make_folders(r->dir, path) : -EINVAL;
	int out = e != 0 ? e : openat(r->dir, path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);

	if (out < 0)
		return e != 0 ? e : -errno;
	e = packed && is_plain(fd) ? pack_or_copy(fd, out) : copy(fd, out);
	if (fsync(out) != 0 && e == 0)
		e = -errno;
	if (close(out) != 0 && e == 0)
		e = -errno;
	r->files += e == 0;
	return e;
}

static int cannot(const char *path, int e)
{
	complain("%s: %s", path, err_text(e));
	return e;
}

/* One that is there twice, or whose name is none, is left out and said. */
static int conclude(struct restore *r, const char *path, int e)
{
	if (e == 0 || (e != -EEXIST && e != -EINVAL))
		return e == 0 ? 0 : cannot(path, e);
	complain("%s: %s; left out", path, e == -EEXIST ? "the fleet has it twice" :
	    "no name for a file of a store");
	r->bad = 1;
	return 0;
}

static int put_path(struct restore *r, const char *path)
{
	int fd = store_open_file(&r->a->store, path), e;

	if (fd < 0)
		return fd == -ENOENT ? 0 : cannot(path, fd);
	e = put(r, path, fd, 0);
	close(fd);
	return conclude(r, path, e);
}

static int put_process(void *arg, const char *name)
{
	char path[sizeof "process/" + PROCESS_NAME_MAX];

	snprintf(path, sizeof path, "process/%s", name);
	return put_path(arg, path);
}

static int put_other(void *arg, const char *path)
{
	return strncmp(path, "session/", 8) == 0 ? 0 : put_path(arg, path);
}

static int put_sessions(struct restore *r)
{
	struct store *s = &r->a->store;
	char path[STORE_PATH_MAX];
	size_t i;
	int e = 0, fd;

	for (i = 0; i < s->sessions && e == 0; i++) {
		struct store_session *x = &s->session[i];

		store_session_path(path, x);
		fd = store_open_session(s, x);
		if (fd < 0)
			return cannot(path, fd);
		e = conclude(r, path, put(r, path, fd, !r->plain && x->name.state != SESSION_LIVE));
		close(fd);
	}
	r->sessions = s->sessions;
	return e;
}

static void say_faults(struct restore *r)
{
	const struct fleet_fault *x;
	size_t i, count = fleet_store_faults(&r->a->store, &x);

	for (i = 0; i < count; i++) {
		if (x[i].n != 0)
			complain("session %llu: %s", (unsigned long long)x[i].n, x[i].text);
		else
			complain("%s", x[i].text);
		r->bad = 1;
	}
}

static int put_all(struct restore *r)
{
	struct store *s = &r->a->store;
	int e;

	fleet_store_by_pieces(s, 1);
	if ((e = store_walk(s)) != 0)
		return cannot(r->a->store_path, e);
	if ((e = put_sessions(r)) != 0 || (e = put_path(r, LEDGER_DIR "/" LEDGER_LOG)) != 0)
		return e;
	e = store_list(s, "process", put_process, r);
	if (e == 0)
		e = fleet_store_paths(s, put_other, r);
	say_faults(r);
	return e;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* A folder may only take the place of an empty one. */
static int take_place(const char *temp, const char *path)
{
	char copy_of[PATH_MAX];
	int fd, e;

	if (rename(temp, path) != 0)
		return -errno;
	snprintf(copy_of, sizeof copy_of, "%s", path);
	fd = open(dirname(copy_of), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	e = fsync(fd) != 0 ? -errno : 0;
	close(fd);
	return e;
}

static int is_free(const char *path)
{
	const struct dirent *x;
	int names = 0;
	DIR *d = opendir(path);

	if (d == NULL && errno == ENOENT)
		return 1;
	if (d == NULL) {
		cannot(path, -errno);
		return 0;
	}
	while ((x = readdir(d)) != NULL)
		names += strcmp(x->d_name, ".") != 0 && strcmp(x->d_name, "..") != 0;
	closedir(d);
	if (names > 0)
		complain("%s: restore wants a folder that is empty, or not there", path);
	return names == 0;
}

static int restore_to(struct restore *r, const char *path)
{
	char temp[PATH_MAX];
	int e;

	if (snprintf(temp, sizeof temp, "%s.restore-XXXXXX", path) >= (int)sizeof temp)
		return cannot(path, -ENAMETOOLONG);
	if (mkdtemp(temp) == NULL)
		return cannot(temp, -errno);
	r->dir = open(temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	e = r->dir < 0 ? cannot(temp, -errno) : put_all(r);
	if (e == 0 && (syncfs(r->dir) != 0 || (e = take_place(temp, path)) != 0))
		e = cannot(path, e != 0 ? e : -errno);
	if (r->dir >= 0)
		close(r->dir);
	if (e != 0)
		(void)nftw(temp, drop, DEPTH, FTW_DEPTH | FTW_PHYS);
	return e;
}

int fleet_verb_restore(struct auditor *a, const struct fleet_args *args)
{
	struct restore r = { .plain = args->plain };
	static struct auditor child;
	const struct fleet_host *h;
	char path[PATH_MAX];
	size_t len;
	int status;

	a->conninfo = args->conninfo;
	snprintf(path, sizeof path, "%s", args->arg[1]);
	for (len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	h = hosts_find(a, args->arg[0], 1, &status);
	if (h == NULL)
		return status;
	if (!is_free(path))
		return AUDIT_CANNOT;
	r.a = &child;
	status = hosts_open_child(&child, a, h);
	if (status == AUDIT_OK)
		status = restore_to(&r, path) != 0 ? AUDIT_CANNOT : r.bad ? AUDIT_FINDING : AUDIT_OK;
	if (status == AUDIT_OK || status == AUDIT_FINDING)
		printf("%s: %llu files, %llu sessions\n", path, r.files, r.sessions);
	hosts_close_child(&child);
	return status;
}
