/* SPDX-License-Identifier: ISC */
#include "store/fleet_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "process_record.h"
#include "store/fleet_query.h"
#include "store/fleet_store_internal.h"
#include "store/temp_file.h"

int fleet_store_open(struct store *s, struct fleet *f, const struct fleet_host *h)
{
	struct fleet_store *fs = calloc(1, sizeof *fs);
	size_t i;

	if (fs == NULL || pthread_mutex_init(&fs->lock, NULL) != 0) {
		free(fs);
		return -ENOMEM;
	}
	fs->fleet = f;
	fs->host = h;
	for (i = 0; i < FLEET_KEPT; i++)
		fs->kept[i].fd = -1;
	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->fleet = fs;
	return 0;
}

static void drop(struct fleet_kept *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

static void drop_all(struct fleet_store *fs)
{
	size_t i;

	for (i = 0; i < FLEET_KEPT; i++)
		drop(&fs->kept[i]);
}

void fleet_store_free(struct fleet_store *fs)
{
	if (fs == NULL)
		return;
	drop_all(fs);
	pthread_mutex_destroy(&fs->lock);
	free(fs->fault);
	free(fs->dropped);
	free(fs->segment);
	free(fs);
}

void fleet_store_forget(struct fleet_store *fs)
{
	drop_all(fs);
	fs->faults = fs->drops = fs->segments = 0;
	fs->segments_known = 0;
}

void fleet_store_by_pieces(struct store *s, int all)
{
	s->fleet->by_pieces = all;
}

static int is_told(const struct fleet_store *fs, const struct fleet_fault *x)
{
	size_t i;

	for (i = 0; i < fs->faults; i++)
		if (fs->fault[i].n == x->n && fs->fault[i].chunk == x->chunk &&
		    strcmp(fs->fault[i].text, x->text) == 0)
			return 1;
	return 0;
}

void fleet_store_fault(void *arg, const struct fleet_fault *x)
{
	struct fleet_store *fs = arg;

	pthread_mutex_lock(&fs->lock);
	if (fs->faults < FLEET_FAULTS && !is_told(fs, x) &&
	    array_room(&fs->fault, fs->faults, &fs->fault_room, sizeof *x) == 0)
		fs->fault[fs->faults++] = *x;
	pthread_mutex_unlock(&fs->lock);
}

size_t fleet_store_faults(const struct store *s, const struct fleet_fault **out)
{
	*out = s->fleet->fault;
	return s->fleet->faults;
}

/* A descriptor of a file that is kept, or -ENOENT. */
static int find_kept(struct fleet_store *fs, const char *path)
{
	int fd = -ENOENT;
	size_t i;

	pthread_mutex_lock(&fs->lock);
	for (i = 0; i < FLEET_KEPT && fd < 0; i++) {
		if (fs->kept[i].fd < 0 || strcmp(fs->kept[i].path, path) != 0)
			continue;
		fs->kept[i].used = ++fs->clock;
		fd = temp_file_again(fs->kept[i].fd);
	}
	pthread_mutex_unlock(&fs->lock);
	return fd;
}

/* In the place of the one that was asked for longest ago. */
static void keep(struct fleet_store *fs, const char *path, int fd)
{
	struct fleet_kept *k = &fs->kept[0];
	size_t i;

	pthread_mutex_lock(&fs->lock);
	for (i = 1; i < FLEET_KEPT && k->fd >= 0; i++)
		if (fs->kept[i].fd < 0 || fs->kept[i].used < k->used)
			k = &fs->kept[i];
	drop(k);
	snprintf(k->path, sizeof k->path, "%s", path);
	k->fd = fd;
	k->used = ++fs->clock;
	pthread_mutex_unlock(&fs->lock);
}

/* A descriptor, which becomes the caller's, or -errno. */
static int put_together(struct fleet_store *fs, const char *path)
{
	struct fleet_place place;
	int fd, r;

	fleet_place(&place, path);
	fd = temp_file();
	if (fd < 0)
		return fd;
	r = fleet_pieces(fs->fleet, fs->host, &place, fd, fleet_store_fault, fs);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int fleet_store_file(const struct store *s, const char *path)
{
	struct fleet_store *fs = s->fleet;
	int fd, again;

	if (strlen(path) >= FLEET_PATH)
		return -ENAMETOOLONG;
	fd = find_kept(fs, path);
	if (fd >= 0)
		return fd;
	fd = put_together(fs, path);
	if (fd < 0)
		return fd;
	again = temp_file_again(fd);
	if (again < 0) { /* without /proc it is read once */
		(void)lseek(fd, 0, SEEK_SET);
		return fd;
	}
	keep(fs, path, fd);
	return again;
}

int fleet_store_dropped(const struct store *s, uint64_t n)
{
	const struct fleet_store *fs = s->fleet;
	size_t i = array_first(fs->dropped, fs->drops, sizeof *fs->dropped, 0, n);

	return i < fs->drops && fs->dropped[i] == n;
}

/* Segments of process records of which there is a piece. */
#define HERE "exists (select from shellac.piece p where p.host = t.host and p.kind = 2" \
	" and p.n = t.n and p.day = t.day)"

int fleet_segments_ask(const struct fleet_store *fs, struct fleet_ask *a,
    char from[FLEET_TIME_TEXT])
{
	const char *days;
	int r;

	fleet_ask_host(a);
	fleet_ask_text(a, fs->narrow != NULL ? fleet_time(from, fs->narrow->from_ns) : NULL);
	r = fleet_days(fs->fleet, fs->host, "select t.day from shellac.stream t where "
	    FLEET_SEGMENTS_SQL, a, &days);
	if (r == 0)
		fleet_ask_days(a, days);
	return r;
}

int fleet_store_records_gone(const struct store *s, uint64_t *out)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int e;

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	e = fleet_rows(s->fleet->fleet, &r, "select coalesce(sum(length), 0)::int8 from"
	    " shellac.stream where host = $1 and kind = 2 and n < coalesce((select min(t.n)"
	    " from shellac.stream t where t.host = $1 and t.kind = 2 and " HERE "),"
	    " 9223372036854775807)", &a);
	if (e != 0)
		return e;
	*out = (uint64_t)fleet_number(r, 0, 0);
	PQclear(r);
	return 0;
}

struct numbers {
	uint64_t *n;
	size_t count, room;
};

static int take_number(void *arg, const PGresult *r, int row)
{
	struct numbers *x = arg;
	int e = array_room(&x->n, x->count, &x->room, sizeof *x->n);

	if (e == 0)
		x->n[x->count++] = (uint64_t)fleet_number(r, row, 0);
	return e;
}

/* Names of the process records' files, from their numbers; take may ask something. */
static int list_processes(struct fleet_store *fs, int (*take)(void *arg, const char *name),
    void *arg)
{
	struct numbers x = { .count = 0 };
	struct fleet_ask a = { .count = 0 };
	char from[FLEET_TIME_TEXT], name[PROCESS_NAME_MAX];
	int r = fleet_segments_ask(fs, &a, from);
	size_t i;

	if (r != 0)
		return r;
	r = fleet_each_of(fs->fleet, fs->host, "select t.n from shellac.stream t where "
	    FLEET_SEGMENTS_SQL " and exists (select from shellac.piece p where p.host = t.host"
	    " and p.kind = 2 and p.n = t.n and p.day = t.day and p.day = any($3))", &a,
	    take_number, &x);
	for (i = 0; i < x.count && r == 0; i++)
		r = take(arg, process_file_name(name, x.n[i]));
	free(x.n);
	return r;
}

static int each_name(PGresult *r, int (*take)(void *arg, const char *name), void *arg)
{
	int i, e = 0;

	for (i = 0; i < PQntuples(r) && e == 0; i++)
		e = take(arg, fleet_text(r, i, 0));
	PQclear(r);
	return e;
}

int fleet_store_paths(const struct store *s, int (*take)(void *arg, const char *path), void *arg)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int e;

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	e = fleet_rows(s->fleet->fleet, &r, "select path from shellac.stream where host = $1"
	    " and kind = 4 and gone is null and path is not null order by path", &a);
	return e != 0 ? e : each_name(r, take, arg);
}

int fleet_store_list(const struct store *s, const char *folder,
    int (*take)(void *arg, const char *name), void *arg)
{
	struct fleet_store *fs = s->fleet;
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int e;

	if (strcmp(folder, "process") == 0)
		return list_processes(fs, take, arg);
	fleet_ask_bytes(&a, fs->host->id, ID_SIZE);
	fleet_ask_text(&a, folder);
	e = fleet_rows(fs->fleet, &r, "select substr(path, length($2) + 2) from shellac.stream"
	    " where host = $1 and kind = 4 and gone is null and starts_with(path, $2 || '/')"
	    " and strpos(substr(path, length($2) + 2), '/') = 0 order by 1", &a);
	if (e != 0)
		return e;
	if (PQntuples(r) > 0)
		return each_name(r, take, arg);
	PQclear(r);
	return -ENOENT;
}

int fleet_store_tampers(const struct store *s,
    void (*take)(void *arg, const struct fleet_fault *x), void *arg)
{
	static const char *const what[] = { "chunk", "process records", "the ledger", "a file" };
	struct fleet_ask a = { .count = 0 };
	struct fleet_fault x;
	PGresult *r;
	int i, e;

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	e = fleet_rows(s->fleet->fleet, &r, "select kind::int8, n, seq, to_char(at at time zone"
	    " 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from shellac.tamper where host = $1"
	    " order by at, kind, n, seq", &a);
	if (e != 0)
		return e;
	for (i = 0; i < PQntuples(r); i++) {
		int64_t kind = fleet_number(r, i, 0), seq = fleet_number(r, i, 2);

		x = (struct fleet_fault){ .n = kind == PIECE_SESSION ?
		    (uint64_t)fleet_number(r, i, 1) : 0, .chunk = kind == PIECE_SESSION ? seq : -1 };
		snprintf(x.text, sizeof x.text, "the host sent %s%s once more at %.24s, with other "
		    "bytes: the first ones stay", kind == PIECE_SESSION ? "this " : "",
		    kind >= 1 && kind <= 4 ? what[kind - 1] : "something", fleet_text(r, i, 3));
		take(arg, &x);
	}
	PQclear(r);
	return 0;
}
