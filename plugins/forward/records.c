/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "forward.h"
#include "io.h"
#include "log.h"

#define SLOTS 1024 /* at once */

void records_rewind(struct forward *f)
{
	f->segment = 0;
}

/* The smallest number of a segment from k on, 0 for none. */
static uint64_t next_segment(const struct forward *f, uint64_t k)
{
	int fd = place_folder(&f->place, "process");
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint64_t least = 0, n;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((e = readdir(d)) != NULL) {
		n = process_file_number(e->d_name);
		if (n >= k && (least == 0 || n < least))
			least = n;
	}
	closedir(d);
	return least;
}

static int open_segment(const struct forward *f, uint64_t k)
{
	char name[PROCESS_NAME_MAX], path[PROCESS_NAME_MAX + 16];

	snprintf(path, sizeof(path), "process/%s", process_file_name(name, k));
	return place_file(&f->place, path);
}

/* Takes note of the slots that were sent already, from the segment's start. */
static int warm_up(struct forward *f, int fd, uint64_t to)
{
	uint8_t slot[PROCESS_SIZE];
	uint64_t off;

	for (off = PROCESS_HEADER; !f->segment_bad && off + PROCESS_SIZE <= to;
	    off += PROCESS_SIZE) {
		if (io_pread_all(fd, slot, sizeof(slot), off) != sizeof(slot))
			return 0;
		processes_slot(f->processes, (off - PROCESS_HEADER) / PROCESS_SIZE, slot, NULL);
	}
	return 0;
}

/* A segment that was not read yet: 1 where its header and first slot are there. */
static int begin(struct forward *f, int fd, uint64_t k, uint64_t off)
{
	uint8_t head[PROCESS_HEADER + PROCESS_SIZE];
	ssize_t n = io_pread_all(fd, head, sizeof(head), 0);

	if (n != sizeof(head))
		return 0;
	f->segment = k;
	f->slot_off = off;
	f->segment_bad = processes_begin(f->processes, k, head, head + PROCESS_HEADER) != 0;
	if (f->segment_bad)
		log_warn("process segment %llu is malformed; it is forwarded as it is",
		    (unsigned long long)k);
	warm_up(f, fd, off);
	return 1;
}

static int put_rows(struct forward *f, const uint8_t *p, size_t len)
{
	struct rows *rows = sender_process(f->sender);
	uint64_t off = f->slot_off;
	int r = 0;

	if (f->segment_bad)
		return 0;
	if (off < PROCESS_HEADER) {
		p += PROCESS_HEADER - off;
		len -= PROCESS_HEADER - off;
		off = PROCESS_HEADER;
	}
	for (; r == 0 && len >= PROCESS_SIZE; p += PROCESS_SIZE, len -= PROCESS_SIZE,
	    off += PROCESS_SIZE)
		if (processes_slot(f->processes, (off - PROCESS_HEADER) / PROCESS_SIZE, p, rows))
			r = sender_put_process(f->sender);
	return r;
}

static int put_part(struct forward *f, const char *day, const uint8_t *p, size_t len)
{
	struct cursor_mark m = {.what = CURSOR_PROCESS, .n = f->segment};
	int r = put_rows(f, p, len);

	if (r == 0)
		r = sender_put_bytes(f->sender, 2, f->segment, day, f->slot_off, p, len);
	f->slot_off += len;
	m.off = f->slot_off;
	if (r == 0)
		r = sender_mark(f->sender, &m);
	return r == 0 && sender_due(f->sender) ? sender_commit(f->sender) : r;
}

/* All whole slots behind what was sent; of a segment that another follows, all there is. */
static int put_segment(struct forward *f, int fd, int last)
{
	uint8_t buf[PROCESS_HEADER + SLOTS * PROCESS_SIZE], first[PROCESS_SIZE];
	char day[STORE_DAY_MAX];
	int r = 0;

	if (io_pread_all(fd, first, sizeof(first), PROCESS_HEADER) != sizeof(first))
		return 0;
	processes_day(day, first);
	if (fdatasync(fd) != 0)
		return 0;
	r = sender_prepare(f->sender, day);
	while (r == 0) {
		size_t head = f->slot_off < PROCESS_HEADER ? PROCESS_HEADER - f->slot_off : 0;
		ssize_t n = io_pread_all(fd, buf, head + SLOTS * PROCESS_SIZE, f->slot_off);
		size_t len = n < 0 ? 0 : (size_t)n;

		if (last && len > head)
			len -= (len - head) % PROCESS_SIZE;
		if (len <= head)
			break;
		r = put_part(f, day, buf, len);
	}
	return r;
}

int forward_records(struct forward *f)
{
	uint64_t k = f->segment != 0 ? f->segment : f->cursor.segment, next;
	uint64_t off = f->segment != 0 ? f->slot_off : f->cursor.slot;
	int fd, r = 0, ready;

	while (r == 0) {
		fd = open_segment(f, k);
		next = next_segment(f, k + 1);
		ready = fd >= 0 && (f->segment == k || begin(f, fd, k, off));
		if (ready)
			r = put_segment(f, fd, next == 0);
		if (fd >= 0)
			close(fd);
		if (r != 0 || next == 0 || (!ready && fd != -ENOENT && fd >= 0))
			break;
		if (fd < 0 && fd != -ENOENT) {
			log_warn("process segment %llu cannot be read: %s", (unsigned long long)k,
			    err_text(fd));
			break;
		}
		k = next;
		off = 0;
	}
	return r;
}
