/* SPDX-License-Identifier: ISC */
#include "legal_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define NAME_SIZE 24

static const char *name_of(char out[NAME_SIZE], uint64_t n)
{
	snprintf(out, NAME_SIZE, "%" PRIu64, n);
	return out;
}

/* The folder, on disk where it is new. */
static int open_folder(const struct store *s)
{
	int fd = io_make_dir(s->dir, LEGAL_HOLD_DIR, 0700);

	if (fd >= 0 && fsync(s->dir) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

int legal_hold_set(const struct store *s, uint64_t n, const char *reason)
{
	char name[NAME_SIZE], text[LEGAL_HOLD_TEXT_MAX + 2];
	int dir = open_folder(s), len, r;

	if (dir < 0)
		return dir;
	len = snprintf(text, sizeof(text), "%.*s\n", LEGAL_HOLD_TEXT_MAX, reason);
	r = io_replace_file(dir, name_of(name, n), 0600, text, (size_t)len);
	close(dir);
	return r;
}

int legal_hold_release(const struct store *s, uint64_t n)
{
	char name[NAME_SIZE];
	int dir = open_folder(s), r = 0;

	if (dir < 0)
		return dir;
	if (unlinkat(dir, name_of(name, n), 0) < 0 || fsync(dir) < 0)
		r = -errno;
	close(dir);
	return r;
}

int legal_hold_is(const struct store *s, uint64_t n)
{
	char name[NAME_SIZE], path[sizeof(LEGAL_HOLD_DIR) + NAME_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), LEGAL_HOLD_DIR "/%s", name_of(name, n));
	return fstatat(s->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}
