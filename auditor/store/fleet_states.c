/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "store/fleet_pieces.h"
#include "store/fleet_query.h"
#include "store/fleet_store_internal.h"

#define MARK "coalesce(sum(octet_length(p.data)), 0)::int8," \
	" coalesce(bit_xor(hashtextextended(p.ctid::text || ' ' || p.xmin::text, p.seq)), 0)"

/* Whoever changes a row and leaves these as they were owns the database's files. */
static void set_state(struct store_state *out, const PGresult *r, int row, int col, uint64_t n)
{
	*out = (struct store_state){ .ino = n + 1, .size = (uint64_t)fleet_number(r, row, col),
		.mtime_ns = fleet_number(r, row, col + 1), .ctime_ns = 1 };
}

static int by_number(const void *a, const void *b)
{
	const struct fleet_segment *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

static int take_segment(void *arg, const PGresult *r, int row)
{
	struct fleet_store *fs = arg;
	struct fleet_segment *s;
	int e = array_room(&fs->segment, fs->segments, &fs->segment_room, sizeof *s);

	if (e != 0)
		return e;
	s = &fs->segment[fs->segments++];
	s->n = (uint64_t)fleet_number(r, row, 0);
	set_state(&s->state, r, row, 1, s->n);
	return 0;
}

/* All files of process records at once: who asks for one asks for the others. */
static int know_segments(struct fleet_store *fs)
{
	struct fleet_ask a = { .count = 0 };
	char from[FLEET_TIME_TEXT];
	int r;

	if (fs->segments_known)
		return 0;
	fs->segments = 0;
	if ((r = fleet_segments_ask(fs, &a, from)) != 0)
		return r;
	r = fleet_each_of(fs->fleet, fs->host, "select t.n, " MARK " from shellac.stream t"
	    " left join shellac.piece p on p.host = t.host and p.kind = 2 and p.n = t.n"
	    " and p.day = t.day and p.day = any($3) where " FLEET_SEGMENTS_SQL " group by t.n", &a,
	    take_segment, fs);
	if (fs->segments > 1)
		qsort(fs->segment, fs->segments, sizeof *fs->segment, by_number);
	fs->segments_known = r == 0;
	return r;
}

static int segment_state(struct fleet_store *fs, uint64_t n, struct store_state *out)
{
	const struct fleet_segment wanted = { .n = n }, *found;
	int r = know_segments(fs);

	if (r != 0)
		return r;
	found = fs->segments == 0 ? NULL :
	    bsearch(&wanted, fs->segment, fs->segments, sizeof *found, by_number);
	if (found == NULL)
		return -ENOENT;
	*out = found->state;
	return 0;
}

struct one_state {
	struct store_state state;
	int found;
};

static int take_state(void *arg, const PGresult *r, int row)
{
	struct one_state *x = arg;

	x->found = fleet_number(r, row, 2) > 0;
	set_state(&x->state, r, row, 0, 0);
	return 0;
}

int fleet_store_state(const struct store *s, const char *path, struct store_state *out)
{
	struct fleet_store *fs = s->fleet;
	struct fleet_ask a = { .count = 0 };
	struct one_state x = { .found = 0 };
	struct fleet_place p;
	int r;

	fleet_place(&p, path);
	if (p.kind == PIECE_PROCESS)
		return segment_state(fs, p.n, out);
	fleet_ask_host(&a);
	fleet_ask_number(&a, p.kind);
	fleet_ask_number(&a, (int64_t)p.n);
	fleet_ask_text(&a, path);
	r = fleet_each_of(fs->fleet, fs->host, "select " MARK ", count(distinct t.n)"
	    " from shellac.stream t"
	    " left join shellac.piece p on p.host = t.host and p.kind = t.kind and p.n = t.n"
	    " and p.day = '1970-01-01' where t.host = w.host and t.kind = $2"
	    " and case when $2 = 4 then t.gone is null and (t.path = $4 or starts_with(t.path,"
	    " $4 || '/')) else t.n = $3 end", &a, take_state, &x);
	if (r != 0 || !x.found)
		return r != 0 ? r : -ENOENT;
	*out = x.state;
	out->ino = p.n + 1;
	return 0;
}

/* The session of this number and day. */
static struct store_session *session_at(const struct store *s, uint64_t n, const char *day)
{
	size_t i;

	for (i = store_first(s, n); i < s->sessions && s->session[i].name.n == n; i++)
		if (strcmp(s->session[i].day, day) == 0)
			return &s->session[i];
	return NULL;
}

static int take_session(void *arg, const PGresult *r, int row)
{
	uint64_t n = (uint64_t)fleet_number(r, row, 0);
	struct store_session *e = session_at(arg, n, fleet_text(r, row, 1));

	if (e != NULL)
		set_state(&e->state, r, row, 2, n);
	return 0;
}

/* Of all sessions, and of those that were asked for: the same rows as walking them finds. */
static const char all_states[] = "select p.n, to_char(p.day, 'YYYY/MM/DD'), " MARK
    " from shellac.piece p where p.host = w.host and p.kind = 1 group by p.n, p.day";
static const char some_states[] = "select p.n, to_char(p.day, 'YYYY/MM/DD'), " MARK
    " from (select host as h, n as number, day as d from shellac.session where host = w.host"
    " and dropped is null" FLEET_NARROW_SQL ") s join shellac.piece p on p.host = s.h"
    " and p.kind = 1 and p.n = s.number and p.day = s.d and p.day = any($6)"
    " group by p.n, p.day";
static const char some_days[] = "select day from shellac.session where host = w.host"
    " and dropped is null" FLEET_NARROW_SQL;

int fleet_store_states(struct store *s)
{
	const struct fleet_store *fs = s->fleet;
	struct fleet_ask a = { .count = 0 };
	struct fleet_narrow_text text;
	const char *days;
	int r;

	fleet_ask_host(&a);
	if (fs->narrow == NULL)
		return fleet_each_of(fs->fleet, fs->host, all_states, &a, take_session, s);
	fleet_narrow_ask(&a, fs->narrow, &text);
	r = fleet_days(fs->fleet, fs->host, some_days, &a, &days);
	if (r != 0)
		return r;
	fleet_ask_days(&a, days);
	return fleet_each_of(fs->fleet, fs->host, some_states, &a, take_session, s);
}
