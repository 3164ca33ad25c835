/* SPDX-License-Identifier: ISC */
#include "kernel_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "array.h"
#include "bytes.h"
#include "clock.h"
#include "io.h"

#define PID_LIMIT (4 * 1024 * 1024) /* proc(5), pid_max */
#define READ_SIZE (256 * ACCT_SIZE)

char *kernel_file_name(char *out, uint32_t k)
{
	snprintf(out, KERNEL_FILE_NAME_MAX, "kernel-%08u.acct", k);
	return out;
}

/* The permission is looked at before the name, and an empty one changes nothing. */
int kernel_file_permitted(void)
{
	if (acct("") == 0 || errno == ENOENT)
		return 0;
	return -errno;
}

/* exactly what kernel_file_name() writes, or 0 */
static uint32_t number_of(const char *name)
{
	char again[KERNEL_FILE_NAME_MAX];
	unsigned k;

	if (sscanf(name, "kernel-%9u.acct", &k) != 1 || k == 0)
		return 0;
	return strcmp(kernel_file_name(again, k), name) == 0 ? k : 0;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int kernel_file_list(int dir_fd, uint32_t **ks, size_t *count)
{
	uint32_t *list = NULL;
	size_t n = 0, room = 0;
	struct dirent *e;
	DIR *d = io_list_dir(dir_fd, ".");
	int r = 0;

	if (d == NULL)
		return -errno;
	while ((e = readdir(d)) != NULL) {
		uint32_t k = number_of(e->d_name);

		if (k == 0)
			continue;
		if ((r = array_room(&list, n, &room, sizeof(*list))) != 0)
			break;
		list[n++] = k;
	}
	closedir(d);
	if (r != 0) {
		free(list);
		return r;
	}
	if (n > 0)
		qsort(list, n, sizeof(*list), ascending);
	*ks = list;
	*count = n;
	return 0;
}

static int open_file(struct kernel_file *f, int dir_fd, uint32_t k, int flags)
{
	char name[KERNEL_FILE_NAME_MAX];
	struct stat st;
	int fd = openat(dir_fd, kernel_file_name(name, k),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0600);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	*f = (struct kernel_file){ .k = k, .fd = fd };
	return 0;
}

int kernel_file_create(struct kernel_file *f, int dir_fd, uint32_t k)
{
	uint64_t mono = clock_mono(), boot = clock_boot();
	int r = open_file(f, dir_fd, k, O_CREAT | O_EXCL);

	if (r == 0) {
		f->seen_ns = mono;
		f->seen_boot_ns = boot;
	}
	return r;
}

int kernel_file_open(struct kernel_file *f, int dir_fd, uint32_t k)
{
	return open_file(f, dir_fd, k, 0);
}

void kernel_file_close(struct kernel_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

char *kernel_file_path(char *out, const struct kernel_file *f)
{
	snprintf(out, KERNEL_FILE_NAME_MAX, "/proc/self/fd/%d", f->fd);
	return out;
}

int kernel_file_take(const struct kernel_file *f)
{
	char path[KERNEL_FILE_NAME_MAX];

	return acct(kernel_file_path(path, f)) == 0 ? 0 : -errno;
}

/* Could one struct acct_v3 be these bytes?  Stricter than acct_record_parse():
 * tells records from foreign bytes and from shifted ones. */
static int is_plausible(const uint8_t p[ACCT_SIZE])
{
	uint32_t bits = get_u32(p + 28);
	float elapsed;

	memcpy(&elapsed, &bits, sizeof(elapsed));
	return p[1] == 3 && (p[0] & 0xc0) == 0 && /* no such flags; not big-endian */
	    get_u32(p + 4) <= 0xffff &&           /* a wait status */
	    get_u32(p + 16) - 1 < PID_LIMIT && get_u32(p + 20) <= PID_LIMIT &&
	    isfinite(elapsed) && elapsed >= 0 &&
	    get_u16(p + 46) == 0 && p[63] == 0;   /* swaps are not counted; comm ends */
}

/* At the bytes p, of which len are known (at least ACCT_SIZE): 1 a record, 0 not
 * one, -1 cannot say before more is there. */
static int is_record(const struct kernel_file *f, const uint8_t *p, size_t len)
{
	if (!is_plausible(p))
		return 0;
	if (!f->adrift || len == ACCT_SIZE)
		return 1;
	if (len < 2 * ACCT_SIZE)
		return -1;
	return is_plausible(p + ACCT_SIZE);
}

struct reading {
	struct kernel_file *f;
	size_t max, count;
	int (*got)(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE]);
	void *ctx;
};

/* Goes over len bytes; returns how many are done with, or what got returned. */
static ssize_t take_in(struct reading *r, const uint8_t *p, size_t len)
{
	struct kernel_file *f = r->f;
	const uint8_t *last = NULL;
	size_t pos = 0;

	while (len - pos >= ACCT_SIZE && r->count < r->max) {
		int is = is_record(f, p + pos, len - pos);
		int e;

		if (is < 0)
			break;
		if (is == 0) {
			f->resyncs += f->adrift ? 0 : 1;
			f->adrift = 1;
			f->skipped++;
			pos++;
			f->off++;
			continue;
		}
		if ((e = r->got(r->ctx, f->place, p + pos)) != 0)
			return e < 0 ? e : -ECANCELED;
		if (f->place == 0)
			memcpy(f->first, p + pos, ACCT_SIZE);
		last = p + pos;
		f->adrift = 0;
		f->place++;
		pos += ACCT_SIZE;
		f->off += ACCT_SIZE;
		r->count++;
	}
	if (last != NULL) {
		memcpy(f->last, last, ACCT_SIZE);
		f->last_end = f->off - (pos - (size_t)(last - p)) + ACCT_SIZE;
	}
	return (ssize_t)pos;
}

ssize_t kernel_file_read(struct kernel_file *f, size_t max,
    int (*got)(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE]), void *ctx)
{
	struct reading r = { .f = f, .max = max, .got = got, .ctx = ctx };
	uint8_t buf[READ_SIZE];

	for (;;) {
		ssize_t n = pread(f->fd, buf, sizeof(buf), (off_t)f->off);
		ssize_t done;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if ((done = take_in(&r, buf, (size_t)n)) < 0)
			return done;
		if (done == 0 || r.count == r.max)
			return (ssize_t)r.count;
	}
}

void kernel_file_restart(struct kernel_file *f)
{
	uint8_t p[ACCT_SIZE];
	struct stat st;

	if (fstat(f->fd, &st) != 0)
		return;
	f->off = f->last_end = 0;
	f->adrift = 0;
	if (pread(f->fd, p, sizeof(p), 0) == ACCT_SIZE && memcmp(p, f->first, sizeof(p)) == 0)
		f->off = (uint64_t)st.st_size;
}

/* Who cuts a file lets it grow again: then other bytes stand where it was read last. */
static int is_cut(const struct kernel_file *f, uint64_t size)
{
	uint8_t p[ACCT_SIZE];

	if (size < f->off)
		return 1;
	return f->last_end != 0 &&
	    (pread(f->fd, p, sizeof(p), (off_t)(f->last_end - ACCT_SIZE)) != ACCT_SIZE ||
	    memcmp(p, f->last, sizeof(p)) != 0);
}

enum kernel_file_state kernel_file_check(const struct kernel_file *f, int dir_fd)
{
	char name[KERNEL_FILE_NAME_MAX];
	struct stat mine, named;

	if (fstat(f->fd, &mine) != 0 || mine.st_nlink == 0)
		return KERNEL_FILE_REMOVED;
	if (is_cut(f, (uint64_t)mine.st_size))
		return KERNEL_FILE_SHORT;
	if (fstatat(dir_fd, kernel_file_name(name, f->k), &named, AT_SYMLINK_NOFOLLOW) != 0)
		return KERNEL_FILE_REMOVED;
	if (named.st_dev != mine.st_dev || named.st_ino != mine.st_ino)
		return KERNEL_FILE_REPLACED;
	return KERNEL_FILE_FINE;
}

unsigned kernel_file_free_percent(int dir_fd)
{
	struct statvfs v;

	if (fstatvfs(dir_fd, &v) != 0 || v.f_blocks == 0)
		return 100;
	return (unsigned)((uint64_t)v.f_bavail * 100 / v.f_blocks);
}
