/* SPDX-License-Identifier: ISC */
#include "procs/process_index.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "store/cache.h"
#include "err.h"
#include "procs/process_index_internal.h"

static void close_db(struct process_index *x)
{
	sqlite3_close(x->db);
	x->db = NULL;
}

static int open_and_update(struct process_index *x, const struct store *s)
{
	int r = index_db_open(&x->db, x->path);

	return r != 0 ? r : index_update(x, s);
}

/* It is damaged, or of another store. */
static int start_anew(struct process_index *x, const struct store *s)
{
	int r;

	close_db(x);
	r = cache_db_remove(x->path);
	return r != 0 ? r : open_and_update(x, s);
}

int process_index_open(struct process_index **out, const struct store *s, const char *store_path)
{
	struct process_index *x = calloc(1, sizeof *x);
	mode_t mask;
	int r;

	if (x == NULL)
		return -ENOMEM;
	mask = umask(077);
	if ((r = cache_path(&x->path, "process", store_path)) == 0 &&
	    (r = open_and_update(x, s)) == E_FORMAT)
		r = start_anew(x, s);
	umask(mask);
	if (r != 0) {
		process_index_free(x);
		return r;
	}
	*out = x;
	return 0;
}

void process_index_free(struct process_index *x)
{
	if (x == NULL)
		return;
	close_db(x);
	free(x->path);
	free(x);
}

/* Parts of segment k that were found, from *at on, and what the index does not know of it. */
static int walk_segment(const struct store *s, const struct process_walk *w,
    const struct index_found *f, uint64_t k, size_t *at)
{
	struct process_part *part = NULL;
	size_t parts = 0, room = 0, i;
	uint64_t known = 0;
	int r = 0;

	for (i = 0; i < f->segments; i++)
		if (f->segment[i].k == k)
			known = f->segment[i].slots;
	while (*at < f->parts && f->part[*at].k < k)
		++*at;
	for (; *at < f->parts && f->part[*at].k == k && r == 0; ++*at)
		if ((r = array_room(&part, parts, &room, sizeof *part)) == 0)
			part[parts++] = f->part[*at].part;
	if (r == 0 && (r = array_room(&part, parts, &room, sizeof *part)) == 0) {
		if (parts > 0 && part[parts - 1].i + part[parts - 1].count == known)
			part[parts - 1].count = UINT64_MAX;
		else
			part[parts++] = (struct process_part){ known, UINT64_MAX };
		r = process_walk_parts(s, w, k, part, parts);
	}
	free(part);
	return r == E_SHORT || r == E_FORMAT ? 0 : r;
}

static long walk_found(const struct store *s, const struct process_walk *w,
    const struct index_found *f)
{
	uint64_t *list;
	size_t count, i, at = 0;
	int r = process_walk_list(s, &list, &count);

	if (r != 0)
		return r;
	for (i = 0; i < count && r == 0; i++) {
		if (i > 0 && list[i] != list[i - 1] + 1 && w->trouble != NULL)
			w->trouble(w->arg, "process", 0, "a file between two others is missing", 0);
		r = walk_segment(s, w, f, list[i], &at);
	}
	free(list);
	return r != 0 ? r : (long)count;
}

long process_index_walk(struct process_index *x, const struct store *s,
    const struct process_index_query *q, const struct process_walk *w)
{
	struct index_found f;
	long r;

	if (x == NULL || index_find(x->db, q, &f) != 0)
		return process_walk(s, w);
	r = walk_found(s, w, &f);
	index_found_release(&f);
	return r;
}
