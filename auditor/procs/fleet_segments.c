/* SPDX-License-Identifier: ISC */
#include "procs/fleet_segments.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fleet/pg_array.h"
#include "io.h"
#include "store/fleet_query.h"
#include "store/temp_file.h"

#define CLOSE ((uint64_t)16384) /* bytes between two that are read rather than left out */

static int compare(const void *a, const void *b)
{
	const struct fleet_range *x = a, *y = b;

	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

size_t fleet_ranges_join(struct fleet_range *range, size_t count)
{
	size_t i, n = 0;

	if (count > 1)
		qsort(range, count, sizeof *range, compare);
	for (i = 0; i < count; i++) {
		struct fleet_range *last = n > 0 ? &range[n - 1] : NULL;

		if (last == NULL || last->host != range[i].host ||
		    last->segment != range[i].segment || range[i].from > last->to + CLOSE)
			range[n++] = range[i];
		else if (range[i].to > last->to)
			last->to = range[i].to;
	}
	return n;
}

/* The file that is put together. */
struct putting {
	const struct fleet_range *range;
	size_t count, at; /* a range of its segment */
	int fd;           /* -1: none yet */
	int (*got)(void *arg, size_t host, uint64_t segment, int fd);
	void *arg;
};

static int end(struct putting *p)
{
	int r;

	if (p->fd < 0)
		return 0;
	r = p->got(p->arg, p->range[p->at].host, p->range[p->at].segment, p->fd);
	close(p->fd);
	p->fd = -1;
	return r;
}

static int is_same(const struct fleet_range *a, const struct fleet_range *b)
{
	return a->host == b->host && a->segment == b->segment;
}

static int put(int fd, const uint8_t *bytes, size_t len, uint64_t offset)
{
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return -errno;
	return io_write_all(fd, bytes, len);
}

static int take(void *arg, const PGresult *rows, int row)
{
	struct putting *p = arg;
	int64_t i = fleet_number(rows, row, 0) - 1;
	uint64_t offset = (uint64_t)fleet_number(rows, row, 1);
	size_t len;
	const uint8_t *bytes = fleet_bytes(rows, row, 2, &len);
	int r = 0;

	if (i < 0 || (uint64_t)i >= p->count || offset < p->range[i].from ||
	    offset > p->range[i].to || len > p->range[i].to - offset)
		return -EIO;
	if (p->fd >= 0 && !is_same(&p->range[i], &p->range[p->at]))
		r = end(p);
	p->at = (size_t)i;
	if (r == 0 && p->fd < 0 && (p->fd = temp_file()) < 0)
		r = p->fd;
	return r == 0 ? put(p->fd, bytes, len, offset) : r;
}

/* The pieces that hold some of a range, of each the bytes that are wanted. */
static const char question[] =
    "select w.i, greatest(w.a, p.seq)::int8, substr(p.data, (greatest(w.a - p.seq, 0) + 1)::int4,"
    " (least(w.b, p.seq + octet_length(p.data)) - greatest(w.a, p.seq))::int4)"
    " from unnest($1::bytea[], $2::int8[], $3::int8[], $4::int8[]) with ordinality"
    " as w(host, n, a, b, i)"
    " join shellac.stream s on s.host = w.host and s.kind = 2 and s.n = w.n"
    " join lateral (select q.seq, q.data from shellac.piece q where q.host = w.host"
    "  and q.kind = 2 and q.n = w.n and q.day = s.day and q.day = any($5) and q.seq < w.b"
    "  and q.seq >= coalesce((select max(x.seq) from shellac.piece x where x.host = w.host"
    "   and x.kind = 2 and x.n = w.n and x.day = s.day and x.day = any($5)"
    "   and x.seq <= w.a), 0)) p"
    " on p.seq + octet_length(p.data) > w.a order by w.i, p.seq";

/* Of what days they are, so that no other partition is looked at. */
static const char which_days[] = "select coalesce(array_agg(distinct s.day), '{}')::text"
    " from unnest($1::bytea[], $2::int8[]) as w(host, n)"
    " join shellac.stream s on s.host = w.host and s.kind = 2 and s.n = w.n";

static int ask(struct fleet *f, struct pg_array part[4], struct putting *p)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *days;
	const char *text;
	int i, r;

	for (i = 0; i < 4; i++) {
		if ((text = pg_array_text(&part[i])) == NULL)
			return -ENOMEM;
		fleet_ask_text(&a, text);
	}
	a.count = 2;
	r = fleet_rows(f, &days, which_days, &a);
	if (r != 0)
		return r;
	a.count = 4;
	fleet_ask_days(&a, fleet_text(days, 0, 0));
	r = fleet_each(f, question, &a, take, p);
	PQclear(days);
	return r == 0 ? end(p) : r;
}

int fleet_segments(struct fleet *f, const struct fleet_host *const *host,
    const struct fleet_range *range, size_t count,
    int (*got)(void *arg, size_t host, uint64_t segment, int fd), void *arg)
{
	struct putting p = { .range = range, .count = count, .fd = -1, .got = got, .arg = arg };
	struct pg_array part[4] = { { .text = NULL } };
	size_t i;
	int r;

	for (i = 0; i < count; i++) {
		pg_array_bytes(&part[0], host[range[i].host]->id, ID_SIZE);
		pg_array_number(&part[1], (int64_t)range[i].segment);
		pg_array_number(&part[2], (int64_t)range[i].from);
		pg_array_number(&part[3], (int64_t)range[i].to);
	}
	r = ask(f, part, &p);
	if (p.fd >= 0)
		close(p.fd);
	for (i = 0; i < 4; i++)
		pg_array_release(&part[i]);
	return r;
}
