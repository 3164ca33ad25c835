/* SPDX-License-Identifier: ISC */
#include "process_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "array.h"
#include "err.h"
#include "io.h"

#define BATCH 512 /* records a read */

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The numbers of all segments in order: a new array, *count of them.  0 or
 * -errno. */
static int list_segments(const struct store *s, uint64_t **out, size_t *count)
{
	int fd = store_open_folder(s, "process");
	DIR *d;
	uint64_t *list = NULL, k;
	size_t n = 0, room = 0;
	struct dirent *e;
	int r = 0;

	*out = NULL;
	*count = 0;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	d = fdopendir(fd);
	if (d == NULL) {
		r = -errno;
		close(fd);
		return r;
	}
	while ((e = readdir(d)) != NULL) {
		if ((k = process_file_number(e->d_name)) == 0)
			continue;
		if ((r = array_room(&list, n, &room, sizeof *list)) != 0)
			break;
		list[n++] = k;
	}
	closedir(d);
	if (r != 0) {
		free(list);
		return r;
	}
	if (n > 0)
		qsort(list, n, sizeof *list, compare);
	*out = list;
	*count = n;
	return 0;
}

static void trouble(const struct process_walk *w, const char *path, uint64_t offset,
    const char *text, int tail)
{
	if (w->trouble != NULL)
		w->trouble(w->arg, path, offset, text, tail);
}

static int take_header(const struct process_walk *w, int fd, const char *path, uint64_t k)
{
	uint8_t header[PROCESS_HEADER], boot[BOOT_ID_SIZE];
	uint64_t told;
	ssize_t got = io_read_all(fd, header, sizeof header);

	if (got < 0)
		return (int)got;
	if (got < PROCESS_HEADER) {
		trouble(w, path, 0, "the file's header is not whole", 1);
		return E_SHORT;
	}
	if (process_header_parse(header, boot, &told) != 0 || told != k) {
		trouble(w, path, 0, "not the header of this file", 0);
		return E_FORMAT;
	}
	return 0;
}

static void take_record(const struct process_walk *w, const char *path, uint64_t offset,
    const uint8_t *p)
{
	struct process_record rec;
	struct acct_record acct;

	if (process_record_parse(p, &rec) != 0 || acct_record_parse(rec.raw, &acct) != 0)
		trouble(w, path, offset, "not a process record", 0);
	else if (w->record != NULL)
		w->record(w->arg, &rec, &acct);
}

static int take_records(const struct process_walk *w, int fd, const char *path)
{
	static uint8_t buf[BATCH * PROCESS_SIZE];
	uint64_t offset = PROCESS_HEADER;
	ssize_t got, i;

	do {
		got = io_read_all(fd, buf, sizeof buf);
		if (got < 0)
			return (int)got;
		for (i = 0; i + PROCESS_SIZE <= got; i += PROCESS_SIZE, offset += PROCESS_SIZE)
			take_record(w, path, offset, buf + i);
		if (i < got)
			trouble(w, path, offset, "the last record is not whole", 1);
	} while (got == (ssize_t)sizeof buf);
	return 0;
}

static int take_segment(const struct store *s, const struct process_walk *w, uint64_t k)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];
	int fd, r;

	snprintf(path, sizeof path, "process/%s", process_file_name(name, k));
	fd = store_open_file(s, path);
	if (fd < 0)
		return fd;
	r = take_header(w, fd, path, k);
	if (r == 0)
		r = take_records(w, fd, path);
	close(fd);
	return r == E_FORMAT || r == E_SHORT ? 0 : r;
}

long process_walk(const struct store *s, const struct process_walk *w)
{
	uint64_t *list;
	size_t count, i;
	int r = list_segments(s, &list, &count);

	for (i = 0; i < count && r == 0; i++) {
		if (i > 0 && list[i] != list[i - 1] + 1)
			trouble(w, "process", 0, "a file between two others is missing", 0);
		r = take_segment(s, w, list[i]);
	}
	free(list);
	return r != 0 ? r : (long)count;
}
