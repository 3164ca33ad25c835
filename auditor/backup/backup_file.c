/* SPDX-License-Identifier: ISC */
/* One file into a backup: compared with what was kept, written beside it, put in its place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "err.h"
#include "io.h"

#define PIECE 262144
#define TEMP ".new"

int backup_cannot(const struct backup *b, const char *path, int e)
{
	complain("%s/%s: %s", b->path, path, err_text(e));
	return e;
}

void backup_found(struct backup *b, const char *path, const char *what)
{
	complain("%s/%s: %s", b->path, path, what);
	b->findings = 1;
}

/* Makes the folders above path, each opened as a folder, none through a link.  0 or -errno. */
static int make_folders(struct backup *b, const char *path)
{
	char part[NAME_MAX + 1];
	const char *slash;
	int at = dup(b->dir), next;

	for (; at >= 0 && (slash = strchr(path, '/')) != NULL; path = slash + 1) {
		if (slash - path >= (int)sizeof part) {
			next = -ENAMETOOLONG;
		} else {
			snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
			next = io_make_dir(at, part, 0700);
		}
		close(at);
		if (next < 0)
			return next;
		at = next;
	}
	if (at < 0)
		return -errno;
	close(at);
	return 0;
}

/* Do both hold the same up to len?  1, 0 or -errno. */
static int same_begin(int kept, int now, uint64_t len)
{
	static uint8_t a[PIECE], b[PIECE];
	uint64_t at = 0;

	while (at < len) {
		size_t want = len - at < PIECE ? (size_t)(len - at) : PIECE;
		ssize_t n = io_pread_all(kept, a, want, at), m = io_pread_all(now, b, want, at);

		if (n < 0 || m < 0)
			return n < 0 ? (int)n : (int)m;
		if ((size_t)n != want || m != n || memcmp(a, b, want) != 0)
			return 0;
		at += want;
	}
	return 1;
}

static int copy(struct backup *b, int out, int in, uint64_t len)
{
	static uint8_t buf[PIECE];
	uint64_t at = 0;

	while (at < len) {
		size_t want = len - at < PIECE ? (size_t)(len - at) : PIECE;
		ssize_t n = io_pread_all(in, buf, want, at);
		int r;

		if (n <= 0)
			return n < 0 ? (int)n : 0; /* it was cut since: the next backup says so */
		if ((r = io_write_all(out, buf, (size_t)n)) != 0)
			return r;
		at += (uint64_t)n;
		b->bytes += (uint64_t)n;
	}
	return 0;
}

static int sync_folder(const struct backup *b, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	int fd, r;

	if (slash != NULL)
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	fd = openat(b->dir, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fsync(fd) != 0 ? -errno : 0;
	close(fd);
	return r;
}

/* The new one in the place of the old, or nothing has changed. */
static int put(struct backup *b, const char *path, int in, uint64_t len)
{
	char temp[PATH_MAX];
	int out, r;

	if (snprintf(temp, sizeof temp, "%s" TEMP, path) >= (int)sizeof temp)
		return -ENAMETOOLONG;
	if ((r = make_folders(b, path)) != 0)
		return r;
	/* of an interrupted backup */
	if (unlinkat(b->dir, temp, 0) != 0 && errno != ENOENT)
		return -errno;
	out = openat(b->dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = copy(b, out, in, len);
	if (r == 0 && fsync(out) != 0)
		r = -errno;
	close(out);
	if (r == 0 && renameat(b->dir, temp, b->dir, path) != 0)
		r = -errno;
	if (r != 0)
		(void)unlinkat(b->dir, temp, 0);
	return r == 0 ? sync_folder(b, path) : r;
}

/* Is what is kept to be left as it is?  1, 0 or negative. */
static int is_kept(struct backup *b, const char *path, int kept, int now, uint64_t len,
    const struct backup_how *how)
{
	struct stat st;
	uint64_t old, common;
	int r;

	if (fstat(kept, &st) != 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	old = (uint64_t)st.st_size;
	common = old < len ? old : len;
	if (how->kind == BACKUP_GROWS)
		common -= common < how->loose ? common : how->loose;
	if ((r = same_begin(kept, now, common)) < 0)
		return r;
	if (r && (how->kind == BACKUP_GROWS ? len <= old : len == old))
		return 1;
	if (how->kind == BACKUP_WHOLE || (how->kind == BACKUP_GROWS && r))
		return 0;
	backup_found(b, path, "the store has another one now; what was kept stays");
	return 1;
}

int backup_fd(struct backup *b, const char *path, int fd, const struct backup_how *how)
{
	struct stat st;
	uint64_t len;
	int kept, r;

	if (fstat(fd, &st) != 0)
		return backup_cannot(b, path, -errno);
	len = (uint64_t)st.st_size < how->limit ? (uint64_t)st.st_size : how->limit;
	kept = openat(b->dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	r = kept < 0 ? (errno == ENOENT || errno == ENOTDIR ? 0 : -errno) :
	    is_kept(b, path, kept, fd, len, how);
	if (kept >= 0)
		close(kept);
	b->files++;
	b->same += r == 1;
	if (r == 0)
		r = put(b, path, fd, len);
	return r < 0 ? backup_cannot(b, path, r) : 0;
}

int backup_file(struct backup *b, const char *path, const struct backup_how *how)
{
	int fd = store_open_file(&b->a->store, path), r;

	if (fd == -ENOENT)
		return fd;
	if (fd < 0) {
		complain("%s/%s: %s", b->a->store_path, path, err_text(fd));
		return fd;
	}
	r = backup_fd(b, how->as != NULL ? how->as : path, fd, how);
	close(fd);
	return r;
}
