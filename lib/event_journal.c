/* SPDX-License-Identifier: ISC */
#include "event_journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decimal.h"
#include "event_lines.h"
#include "io.h"

#define DIGITS 20
#define SUFFIX ".jsonl"

char *event_segment_name(char out[EVENT_SEGMENT_NAME], uint64_t first)
{
	snprintf(out, EVENT_SEGMENT_NAME, "%020" PRIu64 SUFFIX, first);
	return out;
}

uint64_t event_segment_number(const char *name)
{
	size_t zeros = strspn(name, "0");
	uint64_t n;

	if (strlen(name) != EVENT_SEGMENT_NAME - 1 || strcmp(name + DIGITS, SUFFIX) != 0 ||
	    zeros >= DIGITS || decimal_get(&n, name + zeros, DIGITS - zeros) != 0)
		return 0;
	return n;
}

uint64_t event_line_number(const char *p, size_t len, uint64_t first)
{
	const size_t start = sizeof(EVENT_JOURNAL_START) - 1;
	const char *end;
	uint64_t n;

	if (len < start || memcmp(p, EVENT_JOURNAL_START, start) != 0)
		return 0;
	end = memchr(p + start, ',', len - start);
	if (end == NULL || decimal_get(&n, p + start, (size_t)(end - p) - start) != 0)
		return 0;
	return n >= first && n - first < EVENT_JOURNAL_NUMBERS ? n : 0;
}

int event_journal_ends(int dir, uint64_t *oldest, uint64_t *newest)
{
	uint64_t low = 0, high = 0, n;
	struct dirent *e;
	DIR *d = io_list_dir(dir, ".");

	if (d == NULL)
		return -errno;
	while ((e = readdir(d)) != NULL) {
		n = event_segment_number(e->d_name);
		if (n != 0 && (low == 0 || n < low))
			low = n;
		if (n > high)
			high = n;
	}
	closedir(d);
	*oldest = low;
	*newest = high;
	return 0;
}

/* The segment that a number belongs to: its first number, 0 where there is none. */
static uint64_t segment_of(DIR *d, uint64_t number)
{
	uint64_t n, first = 0;
	struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		n = event_segment_number(e->d_name);
		if (n > first && n <= number)
			first = n;
	}
	return first;
}

uint64_t event_journal_before(int dir, uint64_t first)
{
	DIR *d = first != 0 ? io_list_dir(dir, ".") : NULL;
	uint64_t before;

	if (d == NULL)
		return 0;
	before = segment_of(d, first - 1);
	closedir(d);
	return before;
}

/* What a segment holds: its whole lines and their bytes, and the highest number that one of
 * them bears. */
struct held {
	uint64_t size, lines, last;
};

static int look_through(int fd, uint64_t first, struct held *h)
{
	struct event_lines *l = malloc(sizeof(*l));
	struct held res = {0};
	const char *line;
	uint64_t n;
	size_t len;
	int r;

	if (l == NULL)
		return -ENOMEM;
	event_lines_init(l, fd);
	while ((r = event_lines_next(l, &line, &len)) > 0) {
		n = event_line_number(line, len, first);
		res.last = n > res.last ? n : res.last;
		res.lines++;
	}
	res.size = event_lines_offset(l);
	free(l);
	if (r == 0)
		*h = res;
	return r;
}

int event_segment_open(int dir, uint64_t first, int flags)
{
	char name[EVENT_SEGMENT_NAME];
	struct stat st;
	int fd;

	fd = openat(dir, event_segment_name(name, first),
	    flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Goes on with the newest segment.  A line that was damaged had a number all the same. */
static int take_up(struct event_journal *j)
{
	struct held h;
	int r;

	r = j->fd = event_segment_open(j->dir, j->first, O_RDWR);
	if (r >= 0)
		r = look_through(j->fd, j->first, &h);
	if (r == 0 && ftruncate(j->fd, (off_t)h.size) < 0)
		r = -errno;
	if (r != 0)
		return r;
	j->size = h.size;
	j->next = h.last >= j->first + h.lines ? h.last + 1 : j->first + h.lines;
	j->hole = h.lines > 0 && j->next != h.last + 1;
	return 0;
}

int event_journal_open(struct event_journal *j, int store_dir)
{
	uint64_t oldest;
	int r;

	*j = (struct event_journal){.fd = -1, .next = 1};
	r = j->dir = io_make_dir(store_dir, EVENT_JOURNAL_DIR, 0700);
	if (r >= 0)
		r = event_journal_ends(j->dir, &oldest, &j->first);
	if (r == 0 && j->first != 0)
		r = take_up(j);
	if (r != 0)
		event_journal_close(j);
	return r;
}

void event_journal_close(struct event_journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	if (j->dir >= 0)
		close(j->dir);
	j->fd = j->dir = -1;
}

/* A segment whose first event is the next one.  One that stayed empty gets its name. */
static int begin_segment(struct event_journal *j)
{
	char from[EVENT_SEGMENT_NAME], to[EVENT_SEGMENT_NAME];
	int fd = j->fd;

	if (fd >= 0 && j->size == 0) {
		event_segment_name(from, j->first);
		if (renameat(j->dir, from, j->dir, event_segment_name(to, j->next)) < 0)
			return -errno;
	} else {
		fd = event_segment_open(j->dir, j->next, O_RDWR | O_CREAT | O_EXCL);
		if (fd < 0)
			return fd;
		if (j->fd >= 0)
			close(j->fd);
		j->size = 0;
		j->ragged = 0;
	}
	j->fd = fd;
	j->first = j->next;
	j->hole = 0;
	return 0;
}

/* Has the newest segment room for these bytes and the numbers up to next? */
static int fits(const struct event_journal *j, size_t len, uint64_t next)
{
	if (j->fd < 0 || j->hole || next - j->first > EVENT_JOURNAL_NUMBERS)
		return 0;
	return j->size == 0 || j->size + len <= EVENT_JOURNAL_SEGMENT;
}

static int append(struct event_journal *j, const char *p, size_t len, uint64_t next)
{
	int r = fits(j, len, next) ? 0 : begin_segment(j);

	if (r == 0 && j->ragged && ftruncate(j->fd, (off_t)j->size) < 0)
		r = -errno;
	if (r != 0)
		return r;
	r = io_pwrite_all(j->fd, p, len, j->size);
	j->ragged = r != 0 && ftruncate(j->fd, (off_t)j->size) < 0;
	if (r == 0)
		j->size += len;
	return r;
}

int event_journal_append(struct event_journal *j, const char *p, size_t len, uint64_t next)
{
	int r;

	assert(len > 0 && p[len - 1] == '\n' && next > j->next);
	r = append(j, p, len, next);
	j->next = next;
	j->hole |= r != 0;
	return r;
}

void event_journal_skip(struct event_journal *j, uint64_t next)
{
	if (next <= j->next)
		return;
	j->next = next;
	j->hole = 1;
}

/* Deletes the segments of numbers below before, but for the last of them, which may hold
 * higher ones as well. */
static int delete_before(int dir, uint64_t before)
{
	uint64_t n, keep;
	struct dirent *e;
	DIR *d = io_list_dir(dir, ".");
	int count = 0;

	if (d == NULL)
		return -errno;
	keep = segment_of(d, before);
	rewinddir(d);
	while ((e = readdir(d)) != NULL) {
		n = event_segment_number(e->d_name);
		if (n != 0 && n < keep && unlinkat(dir, e->d_name, 0) == 0)
			count++;
	}
	closedir(d);
	return count;
}

int event_journal_trim(int dir, uint64_t before)
{
	uint64_t oldest, newest;
	int r = event_journal_ends(dir, &oldest, &newest);

	if (r != 0 || newest == oldest)
		return r;
	return fsync(dir) < 0 ? -errno : delete_before(dir, before);
}

static int sync_one(int dir, uint64_t first)
{
	int fd = event_segment_open(dir, first, O_RDONLY), r = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (fdatasync(fd) < 0)
		r = -errno;
	close(fd);
	return r;
}

int event_journal_sync(int dir, uint64_t from)
{
	uint64_t n, low;
	struct dirent *e;
	DIR *d = io_list_dir(dir, ".");
	int r = 0;

	if (d == NULL)
		return -errno;
	low = segment_of(d, from);
	rewinddir(d);
	while (r == 0 && (e = readdir(d)) != NULL) {
		n = event_segment_number(e->d_name);
		if (n != 0 && n >= low)
			r = sync_one(dir, n);
	}
	closedir(d);
	if (r == 0 && fsync(dir) < 0)
		r = -errno;
	return r;
}
