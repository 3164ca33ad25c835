/* SPDX-License-Identifier: ISC */
/* What an earlier run left of the segments: where to go on. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "process_store_internal.h"
#include "process_text.h"

#define PIECE 512 /* slots read at once, backwards */

struct segment {
	int fd;
	uint64_t size; /* in whole records, an EXEC or INPUT with all its TEXTs */
	int torn;
	uint8_t version;
	uint8_t boot_id[BOOT_ID_SIZE];
	struct process_boot boot;
};

/* The highest segment number under limit, 0 for none. */
static int highest_below(int dir_fd, uint64_t limit, uint64_t *out)
{
	struct dirent *e;
	DIR *d = io_list_dir(dir_fd, ".");

	if (d == NULL)
		return -errno;
	*out = 0;
	while ((e = readdir(d)) != NULL) {
		uint64_t k = process_file_number(e->d_name);

		if (k < limit && k > *out)
			*out = k;
	}
	closedir(d);
	return 0;
}

/* Slot i.  0, -errno or E_FORMAT. */
static int read_slot(const struct segment *g, uint64_t i, struct process_record *r)
{
	uint8_t p[PROCESS_SIZE];
	ssize_t n = io_pread_all(g->fd, p, sizeof(p), PROCESS_HEADER + i * PROCESS_SIZE);

	if (n != PROCESS_SIZE)
		return n < 0 ? (int)n : E_FORMAT;
	return process_record_parse_in(g->version, p, r);
}

static uint64_t slots_of(const struct segment *g)
{
	return (g->size - PROCESS_HEADER) / PROCESS_SIZE;
}

/* A segment of version 2 is there once its BOOT is. */
static int read_boot(struct segment *g)
{
	struct process_record r;
	int e;

	if (g->version == 1)
		return 0;
	if (slots_of(g) == 0)
		return E_FORMAT;
	if ((e = read_slot(g, 0, &r)) != 0)
		return e;
	return r.kind == PROCESS_BOOT ? process_boot_parse(r.body, &g->boot) : E_FORMAT;
}

/* The bytes of text that are to stand behind a record; 0 also where it is of a kind that
 * has none. */
static uint32_t text_of(const struct process_record *r)
{
	struct process_exec exec;
	struct process_input input;

	if (r->kind == PROCESS_EXEC && process_exec_parse(r->body, &exec) == 0)
		return exec.text_len;
	if (r->kind == PROCESS_INPUT && process_input_parse(r->body, &input) == 0)
		return input.text_len;
	return 0;
}

/* Takes a record off the end whose TEXTs are not all there. */
static int cut_text(struct segment *g)
{
	uint64_t n = slots_of(g), texts;
	struct process_record r;
	int e;

	for (texts = 0; texts < n; texts++) {
		if ((e = read_slot(g, n - 1 - texts, &r)) != 0)
			return e;
		if (r.kind != PROCESS_TEXT)
			break;
	}
	if (texts == n || process_text_slots(text_of(&r)) <= texts)
		return 0;
	g->size -= (texts + 1) * PROCESS_SIZE;
	g->torn = 1;
	return 0;
}

/* Opens segment k and looks at both its ends.  0, -errno or E_FORMAT. */
static int open_segment(int dir_fd, uint64_t k, struct segment *g)
{
	char name[PROCESS_NAME_MAX];
	uint8_t header[PROCESS_HEADER];
	uint64_t in_header;
	struct stat st;
	int r;

	*g = (struct segment){ .fd = openat(dir_fd, process_file_name(name, k),
		O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) };
	if (g->fd < 0)
		return -errno;
	r = E_FORMAT;
	if (fstat(g->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < PROCESS_HEADER ||
	    pread(g->fd, header, sizeof(header), 0) != PROCESS_HEADER)
		goto out;
	if ((r = process_header_parse(header, g->boot_id, &in_header, &g->version)) != 0)
		goto out;
	g->torn = ((uint64_t)st.st_size - PROCESS_HEADER) % PROCESS_SIZE != 0;
	g->size = (uint64_t)st.st_size - ((uint64_t)st.st_size - PROCESS_HEADER) % PROCESS_SIZE;
	if ((r = read_boot(g)) == 0)
		r = cut_text(g);
out:
	if (r != 0)
		close(g->fd);
	return r;
}

/* The last ACCT of a segment: 1, 0 there is none, or negative. */
static int last_acct(const struct segment *g, struct process_record *last)
{
	static uint8_t buf[PIECE * PROCESS_SIZE];
	uint64_t n = slots_of(g);
	struct process_record r;
	ssize_t got;
	int e;

	while (n > 0) {
		size_t some = n < PIECE ? (size_t)n : PIECE;

		n -= some;
		got = io_pread_all(g->fd, buf, some * PROCESS_SIZE, PROCESS_HEADER + n * PROCESS_SIZE);
		if (got < 0)
			return (int)got;
		for (size_t i = (size_t)got / PROCESS_SIZE; i-- > 0;) {
			if ((e = process_record_parse_in(g->version, buf + i * PROCESS_SIZE, &r)) != 0)
				return e;
			if (r.kind == PROCESS_ACCT) {
				*last = r;
				return 1;
			}
		}
	}
	return 0;
}

/* Goes on in segment k, the newest of all. */
static int use(struct process_store *s, const struct segment *g)
{
	s->fd = g->fd;
	s->size = g->size;
	s->torn = (unsigned)g->torn;
	s->dirty = 1;
	return g->torn && ftruncate(s->fd, (off_t)s->size) != 0 ? -errno : 0;
}

/* The newest readable segment is the one appended to, if nothing newer stands in its
 * way; the last ACCT may be in an older one. */
int process_store_scan(struct process_store *s)
{
	uint64_t k = UINT64_MAX;
	int r;

	while ((r = highest_below(s->dir_fd, k, &k)) == 0 && k != 0 && !s->have_last) {
		struct segment g;

		if (s->k_max == 0)
			s->k_max = k;
		if ((r = open_segment(s->dir_fd, k, &g)) == 0) {
			r = last_acct(&g, &s->last);
			if (r < 0)
				close(g.fd);
		}
		if (r == E_FORMAT)
			continue; /* a crash while it was made, or not ours: left alone */
		if (r < 0)
			return r;
		s->have_last = r;
		if (s->k == 0) {
			s->k = k;
			s->version = g.version;
			s->boot = g.boot;
			memcpy(s->boot_id, g.boot_id, sizeof(s->boot_id));
		}
		if (k != s->k_max)
			close(g.fd);
		else if ((r = use(s, &g)) != 0)
			return r;
	}
	s->taken = s->last;
	return r;
}
