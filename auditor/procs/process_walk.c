/* SPDX-License-Identifier: ISC */
#include "procs/process_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "err.h"
#include "io.h"

#define BATCH 512 /* slots a read */

/* A segment being read. */
struct reading {
	const struct process_walk *w;
	int fd;
	char path[sizeof "process/" + PROCESS_NAME_MAX];
	struct process_segment g;
	struct process_text text;
	uint64_t i, end; /* next slot; slots from end on are read only for a text */
	uint64_t whole;  /* slots before this are whole */
	int part;        /* it did not begin at the first slot */
	int tail_is_fine;
	uint8_t buf[BATCH * PROCESS_SIZE];
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct numbers {
	uint64_t *k;
	size_t count, room;
};

static int take_name(void *arg, const char *name)
{
	struct numbers *x = arg;
	uint64_t k = process_file_number(name);
	int r = k != 0 ? array_room(&x->k, x->count, &x->room, sizeof *x->k) : 0;

	if (k != 0 && r == 0)
		x->k[x->count++] = k;
	return r;
}

int process_walk_list(const struct store *s, uint64_t **out, size_t *count)
{
	struct numbers x = { .count = 0 };
	int r = store_list(s, "process", take_name, &x);

	*out = NULL;
	*count = 0;
	if (r != 0) {
		free(x.k);
		return r == -ENOENT ? 0 : r;
	}
	if (x.count > 0)
		qsort(x.k, x.count, sizeof *x.k, compare);
	*out = x.k;
	*count = x.count;
	return 0;
}

static uint64_t offset_of(uint64_t i)
{
	return PROCESS_HEADER + i * PROCESS_SIZE;
}

static void trouble(const struct reading *g, uint64_t offset, const char *text, int tail)
{
	if (g->w->trouble != NULL && !(tail && g->tail_is_fine))
		g->w->trouble(g->w->arg, g->path, offset, text, tail);
}

/* The BOOT, which only version 2 has.  0, E_SHORT, E_FORMAT (both said) or -errno. */
static int take_boot(struct reading *g)
{
	struct process_record r;
	ssize_t got;

	if (g->g.version == 1)
		return 0;
	got = io_pread_all(g->fd, g->buf, PROCESS_SIZE, PROCESS_HEADER);
	if (got < 0)
		return (int)got;
	if (got < PROCESS_SIZE) {
		trouble(g, PROCESS_HEADER, "the file's first record is not whole", 1);
		return E_SHORT;
	}
	if (process_record_parse(g->buf, &r) != 0 || r.kind != PROCESS_BOOT ||
	    process_boot_parse(r.body, &g->g.boot) != 0) {
		trouble(g, PROCESS_HEADER, "the file does not begin with its boot", 0);
		return E_FORMAT;
	}
	return 0;
}

static int take_header(struct reading *g, uint64_t k)
{
	uint8_t header[PROCESS_HEADER];
	ssize_t got = io_pread_all(g->fd, header, sizeof header, 0);

	if (got < 0)
		return (int)got;
	if (got < PROCESS_HEADER) {
		trouble(g, 0, "the file's header is not whole", 1);
		return E_SHORT;
	}
	if (process_header_parse(header, g->g.boot_id, &g->g.k, &g->g.version) != 0 ||
	    g->g.k != k) {
		trouble(g, 0, "not the header of this file", 0);
		return E_FORMAT;
	}
	return take_boot(g);
}

static void give(struct reading *g, const struct process_record *r)
{
	const struct process_walk *w = g->w;
	const struct process_place at = { g->g.k, g->i };
	struct acct_record acct;

	if (w->slot != NULL)
		w->slot(w->arg, &at, r);
	if (r->kind == PROCESS_ACCT && w->record != NULL && acct_record_parse(r->body, &acct) == 0)
		w->record(w->arg, r, &acct);
}

/* What has a text, once that is whole. */
static void give_text(const struct reading *g)
{
	const struct process_walk *w = g->w;

	if (g->text.record.kind == PROCESS_EXEC && w->exec != NULL)
		w->exec(w->arg, &g->text);
	else if (g->text.record.kind == PROCESS_INPUT && w->input != NULL)
		w->input(w->arg, &g->text);
}

/* 1 where the reading is over. */
static int take_slot(struct reading *g, const uint8_t *p)
{
	int waits = process_text_waits(&g->text), r;
	struct process_record rec;

	if (g->i >= g->end && !waits)
		return 1;
	if (process_record_parse_in(g->g.version, p, &rec) != 0 ||
	    (rec.kind == PROCESS_BOOT) != (g->i == 0 && g->g.version > 1)) {
		trouble(g, offset_of(g->i), "not a process record", 0);
		process_text_init(&g->text);
		return g->i >= g->end;
	}
	if (waits && rec.kind != PROCESS_TEXT)
		trouble(g, offset_of(g->i), "the text of the record before is not whole", 0);
	if (g->i >= g->end && rec.kind != PROCESS_TEXT)
		return 1;
	r = process_text_take(&g->text, &rec);
	if (r == E_FORMAT && g->part && !waits)
		return 0;
	g->part = 0;
	if (r == E_FORMAT)
		trouble(g, offset_of(g->i), "a text that belongs to no record", 0);
	else
		give(g, &rec);
	if (r == 1)
		give_text(g);
	return 0;
}

/* How much to read now: a part's slots, then TEXTs. */
static size_t wanted(const struct reading *g)
{
	uint64_t slots = g->i < g->end ? g->end - g->i : PROCESS_TEXT_MAX / PROCESS_BODY;

	return (size_t)(slots < BATCH ? slots : BATCH) * PROCESS_SIZE;
}

static int take_slots(struct reading *g)
{
	ssize_t got, at;
	size_t size;

	do {
		size = wanted(g);
		got = io_pread_all(g->fd, g->buf, size, offset_of(g->i));
		if (got < 0)
			return (int)got;
		for (at = 0; at + PROCESS_SIZE <= got; at += PROCESS_SIZE, g->i++) {
			if (take_slot(g, g->buf + at))
				return 0;
			if (!process_text_waits(&g->text))
				g->whole = g->i + 1;
		}
		if (at < got && g->i < g->end)
			trouble(g, offset_of(g->i), "the last record is not whole", 1);
	} while (got == (ssize_t)size && (g->i < g->end || process_text_waits(&g->text)));
	if (process_text_waits(&g->text))
		trouble(g, offset_of(g->whole), "the text of the last record is not whole", 1);
	return 0;
}

static void name_segment(struct reading *g, uint64_t k)
{
	char name[PROCESS_NAME_MAX];

	snprintf(g->path, sizeof g->path, "process/%s", process_file_name(name, k));
	g->g = (struct process_segment){ 0 };
}

/* The beginning of g->fd. */
static int begin_segment(struct reading *g, uint64_t k)
{
	int r = take_header(g, k);

	if (r == 0 && g->w->segment != NULL)
		g->w->segment(g->w->arg, &g->g);
	return r;
}

static int open_segment(const struct store *s, struct reading *g, uint64_t k)
{
	int r;

	name_segment(g, k);
	g->fd = store_open_file(s, g->path);
	if (g->fd < 0)
		return g->fd;
	r = begin_segment(g, k);
	if (r != 0)
		close(g->fd);
	return r;
}

static int read_part(struct reading *g, uint64_t i, uint64_t count)
{
	g->i = g->whole = i;
	g->end = count < UINT64_MAX - i ? i + count : UINT64_MAX;
	g->part = i > 0;
	process_text_init(&g->text);
	return take_slots(g);
}

/* From slot i to the end. */
static int read_segment(const struct store *s, struct reading *g, uint64_t k, uint64_t i)
{
	int r = open_segment(s, g, k);

	if (r != 0)
		return r;
	r = read_part(g, i, UINT64_MAX);
	close(g->fd);
	return r;
}

static struct reading *reading_new(const struct process_walk *w)
{
	struct reading *g = malloc(sizeof *g);

	if (g != NULL) {
		g->w = w;
		g->tail_is_fine = 0;
	}
	return g;
}

static void find_gap(const struct process_walk *w, const uint64_t *list, size_t i)
{
	if (i > 0 && list[i] != list[i - 1] + 1 && w->trouble != NULL)
		w->trouble(w->arg, "process", 0, "a file between two others is missing", 0);
}

/* All segments of a boot say the same of it. */
static void find_other_boot(struct reading *g, struct process_segment *before)
{
	if (before->boot.ticks_per_s != 0 && g->g.boot.ticks_per_s != 0 &&
	    memcmp(before->boot_id, g->g.boot_id, BOOT_ID_SIZE) == 0 &&
	    (before->boot.boot_wall_ns != g->g.boot.boot_wall_ns ||
	    before->boot.ticks_per_s != g->g.boot.ticks_per_s))
		trouble(g, PROCESS_HEADER, "another date of the same boot", 0);
	if (g->g.boot.ticks_per_s != 0)
		*before = g->g;
}

/* All segments there are, and what reads them; free both either way. */
static int begin(struct reading **g, uint64_t **list, size_t *count, const struct store *s,
    const struct process_walk *w)
{
	*count = 0;
	*g = reading_new(w);
	return *g == NULL ? -ENOMEM : process_walk_list(s, list, count);
}

long process_walk(const struct store *s, const struct process_walk *w)
{
	struct process_segment before = { 0 };
	struct reading *g;
	uint64_t *list = NULL;
	size_t count, i;
	int r = begin(&g, &list, &count, s, w);

	for (i = 0; i < count && r == 0; i++) {
		find_gap(w, list, i);
		r = read_segment(s, g, list[i], 0);
		if (r == 0)
			find_other_boot(g, &before);
		if (r == E_FORMAT || r == E_SHORT)
			r = 0;
	}
	free(g);
	free(list);
	return r != 0 ? r : (long)count;
}

static int read_parts(struct reading *g, const struct process_part *part, size_t parts)
{
	size_t n;
	int r = 0;

	for (n = 0; n < parts && r == 0; n++)
		r = read_part(g, part[n].i, part[n].count);
	return r;
}

int process_walk_parts_of(int fd, const struct process_walk *w, uint64_t k,
    const struct process_part *part, size_t parts)
{
	struct reading *g = reading_new(w);
	int r;

	if (g == NULL)
		return -ENOMEM;
	name_segment(g, k);
	g->fd = fd;
	r = begin_segment(g, k);
	if (r == 0)
		r = read_parts(g, part, parts);
	free(g);
	return r;
}

int process_walk_parts(const struct store *s, const struct process_walk *w, uint64_t k,
    const struct process_part *part, size_t parts)
{
	struct reading *g = reading_new(w);
	int r;

	if (g == NULL)
		return -ENOMEM;
	r = open_segment(s, g, k);
	if (r == 0) {
		r = read_parts(g, part, parts);
		close(g->fd);
	}
	free(g);
	return r;
}

int process_walk_on(const struct store *s, const struct process_walk *w,
    struct process_place *at)
{
	struct reading *g;
	uint64_t *list = NULL;
	size_t count, i;
	int r = begin(&g, &list, &count, s, w);

	for (i = 0; i < count && r == 0; i++) {
		if (list[i] < at->k)
			continue;
		g->tail_is_fine = i + 1 == count;
		r = read_segment(s, g, list[i], list[i] == at->k ? at->i : 0);
		if (r == 0)
			*at = (struct process_place){ list[i], g->whole };
		if (r == E_FORMAT) /* said once */
			*at = (struct process_place){ list[i] + 1, 0 };
		if (r == E_FORMAT || r == E_SHORT)
			r = 0;
	}
	free(g);
	free(list);
	return r;
}
