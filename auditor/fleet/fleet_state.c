/* SPDX-License-Identifier: ISC */
#include "fleet/fleet_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "fleet/pg_array.h"
#include "ledger_file.h"
#include "store/fleet_query.h"
#include "store/fleet_store.h"

#define SECOND INT64_C(1000000000)
#define EPOCH_S 180 /* the ledger of a host that runs grows each minute */
#define BATCH 10000 /* sessions a question */
#define HEARTBEAT_MAX (UINT64_C(1) << 31)

/* Ends of sessions that are looked for. */
struct looking {
	struct fleet *f;
	const struct fleet_host *h;
	struct fleet_state *s;
	struct pg_array n, last;
	unsigned count;
};

static int64_t heartbeat_ns(const struct fleet_host *h)
{
	return (int64_t)(h->heartbeat_s < HEARTBEAT_MAX ? h->heartbeat_s : HEARTBEAT_MAX) * SECOND;
}

static int read_row(struct fleet_state *s, struct fleet *f, const struct fleet_host *h)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int e;

	fleet_ask_bytes(&a, h->id, ID_SIZE);
	e = fleet_rows(f, &r, "select (extract(epoch from now()) * 1000000000)::int8,"
	    " coalesce(s.behind, 0), coalesce(s.lost, 0),"
	    " (select count(*) from shellac.tamper t where t.host = $1)"
	    " from (values (1)) one left join shellac.seen s on s.host = $1", &a);
	if (e != 0)
		return e;
	s->now_ns = fleet_number(r, 0, 0);
	s->behind = fleet_number(r, 0, 1);
	s->lost = fleet_number(r, 0, 2);
	s->tampers = (uint64_t)fleet_number(r, 0, 3);
	PQclear(r);
	return 0;
}

/* Those of them whose last piece is not here; what the policy dropped is none of them. */
static int look(struct looking *g)
{
	struct fleet_ask a = { .count = 0 };
	const char *n = pg_array_text(&g->n), *last = pg_array_text(&g->last);
	PGresult *r;
	int e;

	if (n == NULL || last == NULL)
		return -ENOMEM;
	fleet_ask_bytes(&a, g->h->id, ID_SIZE);
	fleet_ask_text(&a, n);
	fleet_ask_text(&a, last);
	e = fleet_rows(g->f, &r, "select count(*), coalesce(min(w.n), 0)"
	    " from unnest($2::int8[], $3::int8[]) as w(n, last)"
	    " left join shellac.session s on s.host = $1 and s.n = w.n"
	    " where s.dropped is null and not exists (select from shellac.piece p"
	    "  where p.host = $1 and p.kind = 1 and p.n = w.n and p.seq = w.last"
	    "  and p.day = s.day)", &a);
	if (e == 0) {
		if (g->s->unfit == 0)
			g->s->first = (uint64_t)fleet_number(r, 0, 1);
		g->s->unfit += (uint64_t)fleet_number(r, 0, 0);
		PQclear(r);
	}
	pg_array_release(&g->n);
	pg_array_release(&g->last);
	g->count = 0;
	return e;
}

/* chunks: its seals.  What no seal covers is one piece more. */
static int take_close(struct looking *g, const struct entry *e)
{
	uint64_t chunks = e->u.close.chunks;
	int whole = e->u.close.size <= e->u.close.sealed;

	if (e->wall_ns > g->s->now_ns - heartbeat_ns(g->h) || chunks > INT64_MAX ||
	    e->u.close.n > INT64_MAX)
		return 0;
	g->s->closed++;
	pg_array_number(&g->n, (int64_t)e->u.close.n);
	pg_array_number(&g->last, whole && chunks > 0 ? (int64_t)chunks - 1 : (int64_t)chunks);
	return ++g->count == BATCH ? look(g) : 0;
}

static int read_ledger(struct looking *g, int fd)
{
	struct ledger_file l;
	struct entry e;
	int r, failed = 0;

	ledger_file_init(&l, fd, NULL);
	while (failed == 0 && (r = ledger_file_next(&l, &e)) == 1) {
		g->s->ledger_ns = e.wall_ns;
		if (e.type == ENTRY_CLOSE)
			failed = take_close(g, &e);
	}
	ledger_file_end(&l);
	if (failed == 0 && g->count > 0)
		failed = look(g);
	g->s->ledger_error = failed == 0 && r != 0 && r != E_SHORT;
	return failed;
}

int fleet_state_read(struct fleet_state *out, struct fleet *f, const struct fleet_host *h)
{
	struct fleet_state s = { .now_ns = 0 };
	struct looking g = { .f = f, .h = h, .s = &s };
	struct store store;
	int fd, r = read_row(&s, f, h);

	if (r == 0)
		r = fleet_store_open(&store, f, h);
	if (r != 0)
		return r;
	fd = store_open_file(&store, LEDGER_DIR "/" LEDGER_LOG);
	if (fd >= 0) {
		r = read_ledger(&g, fd);
		close(fd);
	} else if (fd != -ENOENT) {
		r = fd;
	}
	store_close(&store);
	pg_array_release(&g.n);
	pg_array_release(&g.last);
	if (r == 0)
		*out = s;
	return r;
}

static size_t tell_silence(const struct fleet_state *s, const struct fleet_host *h,
    void (*got)(void *arg, const char *kind, const char *text), void *arg)
{
	char text[160], date[CLOCK_RFC3339_SIZE];
	int never = h->seen_ns == FLEET_NEVER;
	int64_t since = never ? h->added_ns : h->seen_ns;

	if (s->now_ns - since <= heartbeat_ns(h))
		return 0;
	clock_rfc3339(date, since);
	snprintf(text, sizeof text, "silent for %" PRId64 " s, its heartbeat is %" PRIu64 " s: %s %.19sZ",
	    (s->now_ns - since) / SECOND, h->heartbeat_s, never ? "never heard of, added" :
	    "last heard of", date);
	got(arg, "silent", text);
	return 1;
}

static size_t tell_ledger(const struct fleet_state *s, const struct fleet_host *h,
    void (*got)(void *arg, const char *kind, const char *text), void *arg)
{
	char text[160], date[CLOCK_RFC3339_SIZE];
	size_t n = 0;

	if (h->seen_ns == FLEET_NEVER)
		return 0;
	if (s->ledger_ns == 0) {
		got(arg, "behind", "none of its ledger is here");
		return 1;
	}
	if (h->seen_ns - s->ledger_ns > heartbeat_ns(h) + EPOCH_S * SECOND) {
		clock_rfc3339(date, s->ledger_ns);
		snprintf(text, sizeof text, "its ledger ends at %.19sZ: its collector does not run, or "
		    "what it writes does not come here", date);
		got(arg, "behind", text);
		n++;
	}
	if (s->ledger_error) {
		got(arg, "behind", "its ledger cannot be read to its end; shellac verify says more");
		n++;
	}
	if (s->unfit > 0) {
		snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " sessions that its ledger closed are "
		    "not here to their end, the first is %" PRIu64, s->unfit, s->closed, s->first);
		got(arg, "behind", text);
		n++;
	}
	return n;
}

size_t fleet_state_findings(const struct fleet_state *s, const struct fleet_host *h,
    void (*got)(void *arg, const char *kind, const char *text), void *arg)
{
	size_t n = tell_silence(s, h, got, arg) + tell_ledger(s, h, got, arg);
	char text[160];

	if (s->tampers > 0) {
		snprintf(text, sizeof text, "%" PRIu64 " pieces came once more with other bytes; shellac "
		    "verify says which", s->tampers);
		got(arg, "tamper", text);
		n++;
	}
	if (s->lost > 0) {
		snprintf(text, sizeof text, "%" PRId64 " sessions were gone before they were here", s->lost);
		got(arg, "lost", text);
		n++;
	}
	return n;
}
