/* SPDX-License-Identifier: ISC */
#include "file_name.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "io.h"

#define GROW 64

char *file_name_put(char out[FILE_NAME_SIZE], const struct file_name *n)
{
	time_t t = (time_t)n->date_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	snprintf(out, FILE_NAME_SIZE, "%04u%02u%02uT%02u%02u%02uZ-%020" PRIu64 ".jsonl%s",
	    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
	    (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100, n->first, n->packed ? ".zst" : "");
	return out;
}

/* What is read has to give the same name again: one spelling only. */
int file_name_get(struct file_name *n, const char *name)
{
	struct file_name got = {0};
	char again[FILE_NAME_SIZE];
	struct tm tm = {0};
	size_t len = strlen(name);

	if (len >= FILE_NAME_SIZE ||
	    sscanf(name, "%4d%2d%2dT%2d%2d%2dZ-%20" SCNu64, &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
	    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &got.first) != 7)
		return E_FORMAT;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	got.date_s = timegm(&tm);
	got.packed = len > 4 && strcmp(name + len - 4, ".zst") == 0;
	if (strcmp(file_name_put(again, &got), name) != 0)
		return E_FORMAT;
	*n = got;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct file_name *x = a, *y = b;

	if (x->date_s != y->date_s)
		return x->date_s < y->date_s ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return y->packed - x->packed;
}

static int add(struct file_names *l, const struct file_name *n)
{
	struct file_name *more;

	if (l->count % GROW == 0) {
		more = reallocarray(l->name, l->count + GROW, sizeof(*more));
		if (more == NULL)
			return -ENOMEM;
		l->name = more;
	}
	l->name[l->count++] = *n;
	return 0;
}

int file_names_list(struct file_names *l, int dir)
{
	const struct dirent *e;
	struct file_name n;
	int r = 0;
	DIR *d;

	*l = (struct file_names){0};
	d = io_list_dir(dir, ".");
	if (d == NULL)
		return -errno;
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (file_name_get(&n, e->d_name) == 0)
			r = add(l, &n);
	if (r == 0)
		r = -errno;
	closedir(d);
	if (r != 0)
		file_names_release(l);
	else if (l->count > 0)
		qsort(l->name, l->count, sizeof(*l->name), compare);
	return r;
}

void file_names_release(struct file_names *l)
{
	free(l->name);
	*l = (struct file_names){0};
}
