/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"

#define GOES_BY ".%s.shellac-setup" /* no shell, sshd or cron reads such a name */

static int open_below(const struct tree *t, const char *path, int flags)
{
	const struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT,
	};
	long fd = syscall(SYS_openat2, t->root, path[0] == '\0' ? "." : path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* 0 where nobody but the owner, or root, says what is in this folder. */
static int is_ours(const struct tree *t, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return (st.st_uid == t->owner || st.st_uid == 0) && (st.st_mode & 022) == 0 ? 0 : -EPERM;
}

int tree_folder(const struct tree *t, const char *path)
{
	char part[PATH_MAX];
	size_t len = 0;
	int fd, r;

	if (path[0] != '/' || strlen(path) >= sizeof(part))
		return -EINVAL;
	for (;;) {
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		fd = open_below(t, part, O_RDONLY | O_DIRECTORY);
		if (fd < 0)
			return fd;
		if ((r = is_ours(t, fd)) != 0) {
			close(fd);
			return r;
		}
		if (path[len] == '\0')
			return fd;
		close(fd);
		len += 1 + strcspn(path + len + 1, "/");
	}
}

/* The folder of path, and the name in it. */
static int folder_of(const struct tree *t, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (slash == NULL || slash == path || slash[1] == '\0' || strlen(path) >= sizeof(folder))
		return -EINVAL;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	*name = slash + 1;
	return tree_folder(t, folder);
}

static int read_link(int dir, const char *name, struct tree_file *f)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	if (n < 0 || (size_t)n >= sizeof(target))
		return n < 0 ? -errno : -ENAMETOOLONG;
	return tree_text(f, TREE_LINK, target, (size_t)n);
}

static int look(int dir, const char *name, struct tree_file *f)
{
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISLNK(st.st_mode)) {
		r = read_link(dir, name, f);
	} else if (S_ISREG(st.st_mode)) {
		f->mode = st.st_mode & 07777;
		r = io_read_file(dir, name, TREE_FILE_MAX, &f->data, &f->len);
		f->type = r == 0 ? TREE_FILE : TREE_NONE;
	} else {
		return -EISDIR;
	}
	f->uid = st.st_uid;
	f->gid = st.st_gid;
	return r;
}

int tree_look(const struct tree *t, const char *path, struct tree_file *f)
{
	struct tree_file found = { 0 };
	const char *name;
	int dir = folder_of(t, path, &name), r;

	if (dir == -ENOENT) {
		*f = found;
		return 0;
	}
	if (dir < 0)
		return dir;
	r = look(dir, name, &found);
	close(dir);
	if (r == 0)
		*f = found;
	else
		tree_release(&found);
	return r;
}

static int make_file(int dir, const char *name, const struct tree_file *f)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	r = io_write_all(fd, f->data, f->len);
	/* the owner first: giving a file away takes its set-ID bits */
	if (r == 0 && (fchown(fd, f->uid, f->gid) < 0 || fchmod(fd, f->mode) < 0 || fsync(fd) < 0))
		r = -errno;
	close(fd);
	return r;
}

static int make_link(int dir, const char *name, const struct tree_file *f)
{
	if (symlinkat((const char *)f->data, dir, name) < 0 ||
	    fchownat(dir, name, f->uid, f->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int put(int dir, const char *name, const struct tree_file *f)
{
	char temp[NAME_MAX + 1];
	int r = 0;

	if (snprintf(temp, sizeof(temp), GOES_BY, name) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	if (unlinkat(dir, temp, 0) < 0 && errno != ENOENT) /* of one that was killed */
		return -errno;
	if (f->type == TREE_NONE) {
		if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
			return -errno;
	} else {
		r = f->type == TREE_FILE ? make_file(dir, temp, f) : make_link(dir, temp, f);
		if (r == 0 && renameat(dir, temp, dir, name) < 0)
			r = -errno;
		if (r != 0)
			unlinkat(dir, temp, 0);
	}
	return r == 0 && fsync(dir) < 0 ? -errno : r;
}

int tree_put(const struct tree *t, const char *path, const struct tree_file *f)
{
	const char *name;
	int dir = folder_of(t, path, &name), r;

	if (dir < 0)
		return dir == -ENOENT && f->type == TREE_NONE ? 0 : dir;
	r = put(dir, name, f);
	close(dir);
	return r;
}

int tree_sweep(const struct tree *t, const char *path)
{
	char temp[NAME_MAX + 1];
	struct stat st;
	const char *name;
	int dir = folder_of(t, path, &name), r = 0;

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	if (snprintf(temp, sizeof(temp), GOES_BY, name) >= (int)sizeof(temp))
		r = -ENAMETOOLONG;
	else if (fstatat(dir, temp, &st, AT_SYMLINK_NOFOLLOW) < 0) /* unlink says EROFS before ENOENT */
		r = errno == ENOENT ? 0 : -errno;
	else if (unlinkat(dir, temp, 0) < 0)
		r = -errno;
	close(dir);
	return r;
}

int tree_same(const struct tree_file *a, const struct tree_file *b)
{
	if (a->type != b->type)
		return 0;
	return a->type == TREE_NONE || (a->mode == b->mode && a->uid == b->uid &&
	    a->gid == b->gid && a->len == b->len && memcmp(a->data, b->data, a->len) == 0);
}

int tree_text(struct tree_file *to, enum tree_type type, const void *p, size_t len)
{
	uint8_t *data = malloc(len + 1);

	if (data == NULL)
		return -ENOMEM;
	memcpy(data, p, len);
	data[len] = '\0';
	*to = (struct tree_file){
		.type = type, .mode = type == TREE_FILE ? 0644 : 0, .data = data, .len = len,
	};
	return 0;
}

int tree_copy(struct tree_file *to, const struct tree_file *from)
{
	struct tree_file f = *from;

	if (from->data != NULL) {
		if (tree_text(&f, from->type, from->data, from->len) != 0)
			return -ENOMEM;
		f.mode = from->mode;
		f.uid = from->uid;
		f.gid = from->gid;
	}
	*to = f;
	return 0;
}

void tree_release(struct tree_file *f)
{
	free(f->data);
	*f = (struct tree_file){ 0 };
}

int tree_stat(const struct tree *t, const char *path, struct stat *st)
{
	int fd = open_below(t, path, O_PATH), r;

	if (fd < 0)
		return fd;
	r = fstat(fd, st) < 0 ? -errno : 0;
	close(fd);
	return r;
}
