/* SPDX-License-Identifier: ISC */
#include "coverage_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "coverage.h"
#include "io.h"
#include "process_record.h"

#define BATCH 2048 /* slots a read */

struct open_row {
	struct process_record r;
	struct process_terminal t;
};

struct taking {
	struct open_row *row;
	size_t rows, room;
	uint64_t *segment;
	size_t segments, segment_room;
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int list(struct taking *g, int dir_fd)
{
	DIR *d = io_list_dir(dir_fd, ".");
	struct dirent *e;
	uint64_t k;
	int r = 0;

	if (d == NULL)
		return -errno;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if ((k = process_file_number(e->d_name)) == 0)
			continue;
		r = array_room(&g->segment, g->segments, &g->segment_room, sizeof(*g->segment));
		if (r == 0)
			g->segment[g->segments++] = k;
	}
	closedir(d);
	if (g->segments > 0)
		qsort(g->segment, g->segments, sizeof(*g->segment), compare);
	return r;
}

static int take(struct taking *g, const struct process_record *r)
{
	struct process_terminal t;
	size_t i;
	int e;

	if (process_terminal_parse(r->body, &t) != 0)
		return 0;
	for (i = 0; i < g->rows; i++)
		if (g->row[i].t.pid == t.pid && g->row[i].r.start_ticks == r->start_ticks &&
		    g->row[i].t.tty_dev == t.tty_dev)
			break;
	if (i < g->rows)
		g->row[i] = g->row[--g->rows];
	if (t.state != 1)
		return 0;
	e = array_room(&g->row, g->rows, &g->room, sizeof(*g->row));
	if (e != 0)
		return e;
	g->row[g->rows].r = *r;
	g->row[g->rows++].t = t;
	return 0;
}

/* What is no record is verify's to say. */
static int read_slots(struct taking *g, int fd, uint8_t *buf)
{
	struct process_record r;
	ssize_t n, i;
	int e;

	do {
		n = io_read_all(fd, buf, (size_t)BATCH * PROCESS_SIZE);
		for (i = 0; i + PROCESS_SIZE <= n; i += PROCESS_SIZE)
			if (process_record_parse(buf + i, &r) == 0 && r.kind == PROCESS_TERMINAL &&
			    (e = take(g, &r)) != 0)
				return e;
	} while (n == (ssize_t)BATCH * PROCESS_SIZE);
	return n < 0 ? (int)n : 0;
}

static int read_segment(struct taking *g, int dir_fd, uint64_t k,
    const uint8_t boot_id[BOOT_ID_SIZE], uint8_t *buf)
{
	uint8_t header[PROCESS_HEADER], boot[BOOT_ID_SIZE], version;
	char name[PROCESS_NAME_MAX];
	uint64_t told;
	int fd = openat(dir_fd, process_file_name(name, k), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (io_read_all(fd, header, sizeof(header)) == PROCESS_HEADER &&
	    process_header_parse(header, boot, &told, &version) == 0 && version != 1 &&
	    memcmp(boot, boot_id, BOOT_ID_SIZE) == 0)
		r = read_slots(g, fd, buf);
	close(fd);
	return r;
}

int coverage_take_up(struct coverage *c, int dir_fd, const uint8_t boot_id[BOOT_ID_SIZE])
{
	struct taking g = {0};
	uint8_t *buf = malloc((size_t)BATCH * PROCESS_SIZE);
	size_t i;
	int r = buf != NULL ? list(&g, dir_fd) : -ENOMEM;

	for (i = 0; i < g.segments && r == 0; i++)
		r = read_segment(&g, dir_fd, g.segment[i], boot_id, buf);
	for (i = 0; i < g.rows && r == 0; i++)
		coverage_known(c, &g.row[i].r, &g.row[i].t);
	free(g.segment);
	free(g.row);
	free(buf);
	return r;
}
