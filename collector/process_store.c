/* SPDX-License-Identifier: ISC */
#include "process_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define BUFFER_RECORDS 8192

struct process_store {
	int dir_fd, fd; /* fd: the segment appended to, -1 for none */
	int dirty;      /* written and not synced */
	int ragged;     /* a failed write may have left bytes behind size */
	uint64_t k;     /* of fd; 0 for none */
	uint64_t k_max; /* highest number in use, readable or not */
	uint64_t size;
	uint8_t boot_id[BOOT_ID_SIZE];
	unsigned torn;
	struct process_record last;
	int have_last;
	struct process_digests digests;
	size_t buffered;
	uint8_t buffer[BUFFER_RECORDS * PROCESS_SIZE];
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

struct segment {
	int fd;
	uint64_t size; /* in whole records */
	int torn;
	uint8_t boot_id[BOOT_ID_SIZE];
	struct process_record last;
	int have_last;
};

static int read_last(struct segment *g)
{
	uint8_t p[PROCESS_SIZE];
	ssize_t n;

	if (g->size < PROCESS_HEADER + PROCESS_SIZE)
		return 0;
	n = pread(g->fd, p, sizeof(p), (off_t)(g->size - PROCESS_SIZE));
	if (n != PROCESS_SIZE)
		return n < 0 ? -errno : E_FORMAT;
	g->have_last = 1;
	return process_record_parse(p, &g->last);
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
	if ((r = process_header_parse(header, g->boot_id, &in_header)) != 0)
		goto out;
	g->torn = ((uint64_t)st.st_size - PROCESS_HEADER) % PROCESS_SIZE != 0;
	g->size = (uint64_t)st.st_size - ((uint64_t)st.st_size - PROCESS_HEADER) % PROCESS_SIZE;
	r = read_last(g);
out:
	if (r != 0)
		close(g->fd);
	return r;
}

/* Makes the newest readable segment the one appended to, if nothing newer stands
 * in its way; the last record may be in an older one. */
static int scan(struct process_store *s)
{
	uint64_t k = UINT64_MAX;
	int r;

	while ((r = highest_below(s->dir_fd, k, &k)) == 0 && k != 0 && !s->have_last) {
		struct segment g;

		if (s->k_max == 0)
			s->k_max = k;
		r = open_segment(s->dir_fd, k, &g);
		if (r == E_FORMAT)
			continue; /* a crash while it was made, or not ours: left alone */
		if (r != 0)
			return r;
		if (s->k == 0) {
			s->k = k;
			memcpy(s->boot_id, g.boot_id, sizeof(s->boot_id));
		}
		s->last = g.last;
		s->have_last = g.have_last;
		if (k != s->k_max) {
			close(g.fd);
			continue;
		}
		s->fd = g.fd;
		s->size = g.size;
		s->torn = (unsigned)g.torn;
		if (g.torn && ftruncate(s->fd, (off_t)s->size) != 0)
			return -errno;
		s->dirty = 1;
	}
	return r;
}

int process_store_open(struct process_store **out, int dir_fd)
{
	struct process_store *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->dir_fd = dir_fd;
	s->fd = -1;
	process_digests_init(&s->digests, 0);
	if ((r = scan(s)) != 0) {
		process_store_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void process_store_close(struct process_store *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0) {
		process_store_flush(s);
		close(s->fd);
	}
	free(s);
}

int process_store_last(const struct process_store *s, struct process_record *r)
{
	if (!s->have_last)
		return 0;
	*r = s->last;
	return 1;
}

int process_store_other_boot(const struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	return s->k != 0 && memcmp(s->boot_id, boot_id, BOOT_ID_SIZE) != 0;
}

static int make_segment(struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	char name[PROCESS_NAME_MAX];
	uint8_t header[PROCESS_HEADER];
	uint64_t k = s->k_max + 1;
	int r;
	int fd = openat(s->dir_fd, process_file_name(name, k),
	    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	process_header_put(header, boot_id, k);
	if ((r = io_write_all(fd, header, sizeof(header))) != 0)
		goto fail;
	if (fsync(fd) != 0 || fsync(s->dir_fd) != 0) {
		r = -errno;
		goto fail;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
	s->ragged = 0;
	s->k = s->k_max = k;
	s->size = sizeof(header);
	s->dirty = 0;
	process_digests_add(&s->digests, header, sizeof(header));
	memmove(s->boot_id, boot_id, BOOT_ID_SIZE);
	return 0;
fail:
	unlinkat(s->dir_fd, name, 0);
	close(fd);
	return r;
}

int process_store_begin(struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	int r;

	if (s->fd >= 0 && !process_store_other_boot(s, boot_id))
		return 0;
	if ((r = process_store_sync(s)) != 0)
		return r;
	return make_segment(s, boot_id);
}

int process_store_append(struct process_store *s, const struct process_record *r)
{
	int e;

	if (s->buffered == BUFFER_RECORDS && (e = process_store_flush(s)) != 0)
		return e;
	process_record_put(s->buffer + s->buffered * PROCESS_SIZE, r);
	s->buffered++;
	return 0;
}

int process_store_flush(struct process_store *s)
{
	size_t len = s->buffered * PROCESS_SIZE;
	int r;

	if (len == 0)
		return 0;
	if (s->k == 0)
		return -EBADF;
	if (s->fd >= 0 && s->size >= PROCESS_STORE_SEGMENT && fdatasync(s->fd) != 0)
		return -errno;
	if ((s->fd < 0 || s->size >= PROCESS_STORE_SEGMENT) &&
	    (r = make_segment(s, s->boot_id)) != 0)
		return r;
	if (s->ragged && ftruncate(s->fd, (off_t)s->size) != 0)
		return -errno;
	s->dirty = s->ragged = 1;
	if ((r = io_write_all(s->fd, s->buffer, len)) != 0) {
		s->ragged = ftruncate(s->fd, (off_t)s->size) != 0;
		return r;
	}
	s->ragged = 0;
	s->size += len;
	process_digests_add(&s->digests, s->buffer, len);
	process_record_parse(s->buffer + len - PROCESS_SIZE, &s->last);
	s->have_last = 1;
	s->buffered = 0;
	return 0;
}

int process_store_sync(struct process_store *s)
{
	int r = process_store_flush(s);

	if (r != 0 || !s->dirty)
		return r;
	if (fdatasync(s->fd) != 0)
		return -errno;
	s->dirty = 0;
	return 0;
}

uint64_t process_store_segment(const struct process_store *s)
{
	return s->k;
}

unsigned process_store_torn(const struct process_store *s)
{
	return s->torn;
}

struct process_digests *process_store_digests(struct process_store *s)
{
	return &s->digests;
}

int process_store_dup(const struct process_store *s)
{
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}
