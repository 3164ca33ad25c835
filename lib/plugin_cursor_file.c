/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "plugin_cursor.h"
#include "err.h"
#include "hash.h"
#include "io.h"

/*
 * A place: magic "SHLQ" and version u32, turn, acked, lost, ranges u64 each, the ranges, and
 * BLAKE2b-256 of all before.  The higher turn is the newer.
 */
#define MAGIC UINT64_C(0x000000015148534c) /* "LSHQ", version 1 */
#define HEAD 40
#define PLACE_MAX (HEAD + 16 * CURSOR_RANGES + HASH_SIZE)
#define PLACE_SIZE 2048

_Static_assert(PLACE_MAX <= PLACE_SIZE, "a cursor fits its place");

static size_t put(uint8_t p[PLACE_MAX], const struct cursor *c, uint64_t turn)
{
	size_t at = HEAD;
	unsigned i;

	put_u64(p, MAGIC);
	put_u64(p + 8, turn);
	put_u64(p + 16, c->acked);
	put_u64(p + 24, c->lost);
	put_u64(p + 32, c->ranges);
	for (i = 0; i < c->ranges; i++, at += 16) {
		put_u64(p + at, c->range[i].from);
		put_u64(p + at + 8, c->range[i].to);
	}
	hash_of(p + at, p, at);
	return at + HASH_SIZE;
}

static int get(const uint8_t *p, size_t len, struct cursor *c, uint64_t *turn)
{
	uint8_t hash[HASH_SIZE];
	uint64_t last;
	size_t at = HEAD;
	unsigned i;

	if (len < HEAD || get_u64(p) != MAGIC || get_u64(p + 32) > CURSOR_RANGES)
		return E_FORMAT;
	*turn = get_u64(p + 8);
	last = c->acked = get_u64(p + 16);
	c->lost = get_u64(p + 24);
	c->ranges = (unsigned)get_u64(p + 32);
	if (len < HEAD + 16 * c->ranges + HASH_SIZE)
		return E_FORMAT;
	for (i = 0; i < c->ranges; i++, at += 16) {
		c->range[i].from = get_u64(p + at);
		c->range[i].to = get_u64(p + at + 8);
		if (c->range[i].from <= last || c->range[i].to < c->range[i].from)
			return E_FORMAT;
		last = c->range[i].to;
	}
	hash_of(hash, p, at);
	return memcmp(hash, p + at, HASH_SIZE) == 0 ? 0 : E_DIGEST;
}

/* The newer of the two places; E_FORMAT where neither is whole. */
static int load(struct cursor_file *f, struct cursor *c)
{
	uint8_t p[PLACE_MAX];
	struct cursor read;
	uint64_t turn;
	ssize_t n;
	int i, r = E_FORMAT;

	for (i = 0; i < 2; i++) {
		n = io_pread_all(f->fd, p, sizeof(p), (uint64_t)i * PLACE_SIZE);
		if (n < 0 || get(p, (size_t)n, &read, &turn) != 0 || (r == 0 && turn <= f->turn))
			continue;
		*c = read;
		f->turn = turn;
		r = 0;
	}
	return r;
}

int cursor_open(struct cursor_file *f, int dir, const char *name, struct cursor *c)
{
	struct stat st;

	*f = (struct cursor_file){.fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
	    0600)};
	if (f->fd < 0)
		return -errno;
	if (load(f, c) == 0)
		return 0;
	return fstat(f->fd, &st) == 0 && st.st_size == 0 ? -ENOENT : E_FORMAT;
}

uint64_t cursor_newest(int dir)
{
	uint64_t newest = 0, last;
	struct cursor_file f;
	const struct dirent *e;
	struct cursor c;
	DIR *d = io_list_dir(dir, ".");

	while (d != NULL && (e = readdir(d)) != NULL) {
		f = (struct cursor_file){.fd = openat(dir, e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		    O_CLOEXEC)};
		if (e->d_name[0] == '.' || f.fd < 0 || load(&f, &c) != 0)
			last = 0;
		else
			last = c.ranges > 0 ? c.range[c.ranges - 1].to : c.acked;
		newest = last > newest ? last : newest;
		cursor_close(&f);
	}
	if (d != NULL)
		closedir(d);
	return newest;
}

void cursor_close(struct cursor_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

int cursor_save(struct cursor_file *f, const struct cursor *c)
{
	uint8_t p[PLACE_MAX];
	size_t len = put(p, c, f->turn + 1);
	ssize_t n = pwrite(f->fd, p, len, (off_t)((f->turn + 1) % 2 * PLACE_SIZE));

	if (n != (ssize_t)len)
		return n < 0 ? -errno : -ENOSPC;
	f->turn++;
	f->dirty = 1;
	return 0;
}

int cursor_sync(struct cursor_file *f)
{
	if (f->dirty && fdatasync(f->fd) < 0)
		return -errno;
	f->dirty = 0;
	return 0;
}
