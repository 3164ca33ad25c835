/* SPDX-License-Identifier: ISC */
/* The journal of events, as its readers see it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "event_journal.h"
#include "event_lines.h"
#include "io.h"

struct event_reader {
	int dir, fd;
	uint64_t first;  /* of the segment that is open; 0 none is */
	uint64_t number; /* that comes next; lines below it are not given */
	struct event_lines lines;
};

/* The segment that holds the number wanted, or begins above it, and begins above `above`:
 * its first number, 0 where there is none. */
static int find_segment(int dir, uint64_t wanted, uint64_t above, uint64_t *first)
{
	uint64_t holds = 0, next = 0, n;
	struct dirent *e;
	DIR *d = io_list_dir(dir, ".");

	if (d == NULL)
		return -errno;
	while ((e = readdir(d)) != NULL) {
		n = event_segment_number(e->d_name);
		if (n == 0 || n <= above)
			continue;
		if (n <= wanted)
			holds = n > holds ? n : holds;
		else if (next == 0 || n < next)
			next = n;
	}
	closedir(d);
	*first = holds != 0 ? holds : next;
	return 0;
}

static int open_segment(struct event_reader *r, uint64_t first)
{
	int fd = event_segment_open(r->dir, first, O_RDONLY);

	if (fd < 0)
		return fd;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = fd;
	r->first = first;
	event_lines_init(&r->lines, fd);
	return 0;
}

/* Goes to the segment after the one that is open.  1; 0: there is none yet. */
static int next_segment(struct event_reader *r)
{
	uint64_t first;
	int e;

	do {
		e = find_segment(r->dir, r->number, r->first, &first);
		if (e != 0 || first == 0)
			return e;
		e = open_segment(r, first);
		if (e == -EINVAL || e == -ELOOP)
			r->first = first; /* no file of ours */
	} while (e == -ENOENT || e == -EINVAL || e == -ELOOP);
	return e == 0 ? 1 : e;
}

int event_reader_open(struct event_reader **out, int dir, uint64_t number)
{
	struct event_reader *r = malloc(sizeof(*r));
	int e;

	if (r == NULL)
		return -ENOMEM;
	r->dir = dir;
	r->fd = -1;
	r->first = 0;
	r->number = number;
	e = next_segment(r);
	if (e < 0) {
		event_reader_close(r);
		return e;
	}
	*out = r;
	return 0;
}

void event_reader_close(struct event_reader *r)
{
	if (r != NULL && r->fd >= 0)
		close(r->fd);
	free(r);
}

/* The next line of the open segment that is an event not given yet: 1, 0, -errno. */
static int next_here(struct event_reader *r, uint64_t *number, const char **line, size_t *len)
{
	const char *p;
	uint64_t n;
	size_t size;
	int e;

	while ((e = event_lines_next(&r->lines, &p, &size)) > 0) {
		n = event_line_number(p, size, r->first);
		if (n == 0 || n < r->number)
			continue;
		*number = n;
		*line = p;
		*len = size;
		r->number = n + 1;
		return 1;
	}
	return e;
}

/* A segment gets no more lines once there is another: what came between the look at its end
 * and that at the folder is read before that other. */
int event_reader_next(struct event_reader *r, uint64_t *number, const char **line, size_t *len)
{
	uint64_t first;
	int e;

	for (;;) {
		e = r->fd >= 0 ? next_here(r, number, line, len) : 0;
		if (e != 0)
			return e;
		e = find_segment(r->dir, r->number, r->first, &first);
		if (e != 0)
			return e;
		if (first == 0)
			return -EAGAIN;
		e = r->fd >= 0 ? next_here(r, number, line, len) : 0;
		if (e != 0)
			return e;
		e = next_segment(r);
		if (e < 0)
			return e;
	}
}
