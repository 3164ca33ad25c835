/* SPDX-License-Identifier: ISC */
#include "event_lines.h"

#include <string.h>

#include "io.h"

void event_lines_init(struct event_lines *l, int fd)
{
	l->fd = fd;
	l->off = 0;
	l->pos = l->have = 0;
}

uint64_t event_lines_offset(const struct event_lines *l)
{
	return l->off + l->pos;
}

static ssize_t fill(struct event_lines *l, uint64_t off)
{
	ssize_t n = io_pread_all(l->fd, l->buf, sizeof(l->buf), off);

	l->pos = 0;
	l->have = n < 0 ? 0 : (size_t)n;
	return n;
}

/* Behind the line feed that ends the line at off, of which the buffer is too small to hold
 * all: 1.  0: it has no end yet, and may be cut where it is.  Or -errno. */
static int pass_over(struct event_lines *l)
{
	uint64_t at = l->off;
	const char *end;
	ssize_t n;

	while ((n = fill(l, at)) > 0 && (end = memchr(l->buf, '\n', l->have)) == NULL)
		at += (uint64_t)n;
	if (n > 0)
		l->off = at + (uint64_t)(end - l->buf) + 1;
	l->have = 0;
	return n < 0 ? (int)n : n > 0;
}

/* What is behind pos, once more from the file: the writer may have died within a line, and
 * the next one cut that off.  1: there is a line feed in the buffer. */
static int refill(struct event_lines *l)
{
	ssize_t n;

	l->off += l->pos;
	n = fill(l, l->off);
	if (n < 0)
		return (int)n;
	if (memchr(l->buf, '\n', l->have) != NULL)
		return 1;
	return l->have == sizeof(l->buf) ? pass_over(l) : 0;
}

int event_lines_next(struct event_lines *l, const char **line, size_t *len)
{
	const char *p, *end;
	size_t n;
	int r;

	for (;;) {
		p = l->buf + l->pos;
		end = memchr(p, '\n', l->have - l->pos);
		if (end == NULL) {
			r = refill(l);
			if (r <= 0)
				return r;
			continue;
		}
		n = (size_t)(end - p) + 1;
		l->pos += n;
		if (n > EVENT_JOURNAL_LINE)
			continue;
		*line = p;
		*len = n;
		return 1;
	}
}
