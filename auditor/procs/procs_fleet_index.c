/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "procs/fleet_segments.h"
#include "procs/procs_fleet_internal.h"
#include "store/fleet_query.h"
#include "store/fleet_users.h"
#include "words/word.h"

#define BATCH 2048          /* claims that are looked at together */
#define SLOT_MAX (UINT64_C(1) << 40)
#define EXEC_SLOTS (1 + EXEC_TEXT_MAX / PROCESS_BODY)
#define FINDINGS_SAID 20
#define CLOSE_US 1000       /* the index counts microseconds, and rounds */

/* A slot that has to be read: the record of a claim, or its EXEC. */
struct wanted {
	size_t host;
	uint64_t segment, slot;
	struct fleet_claim *claim;
	int is_exec;
};

struct looking {
	struct procs_fleet *x;
	struct process_walk inner; /* of the source */
	struct fleet_claim *claim;
	size_t claims;
	struct wanted *want;       /* in order */
	size_t wants;
	struct fleet_range *range;
	size_t ranges;
	size_t first, last;        /* of want: in the segment at hand */
	struct process_place place; /* of the last slot that is no TEXT */
};

static int by_place(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void want(struct looking *g, struct fleet_claim *c, uint64_t segment, uint64_t slot,
    int is_exec)
{
	uint64_t from = PROCESS_HEADER + slot * PROCESS_SIZE;

	if (slot >= SLOT_MAX || segment == 0)
		return;
	g->want[g->wants++] = (struct wanted){ c->host, segment, slot, c, is_exec };
	g->range[g->ranges++] = (struct fleet_range){ c->host, segment, from,
		from + (uint64_t)(is_exec ? EXEC_SLOTS : 1) * PROCESS_SIZE };
	g->range[g->ranges++] = (struct fleet_range){ c->host, segment, 0,
		PROCESS_HEADER + PROCESS_SIZE };
}

/* Names of users that nobody asked for yet. */
static int learn(struct looking *g)
{
	struct fleet_user *user = calloc(g->claims + 1, sizeof *user);
	size_t i, k, n = 0;
	int r = user == NULL ? -ENOMEM : 0;

	for (i = 0; i < g->claims && r == 0; i++) {
		struct procs_fleet_host *h = &g->x->host[g->claim[i].host];
		uint32_t uid = (uint32_t)g->claim[i].uid;

		for (k = 0; k < h->users && h->asked[k] != uid; k++)
			;
		if (k < h->users)
			continue;
		r = array_room(&h->asked, h->users, &h->user_room, sizeof *h->asked);
		if (r != 0)
			break;
		h->asked[h->users++] = uid;
		user[n++] = (struct fleet_user){ g->x->chosen[g->claim[i].host], uid, h->host.users };
	}
	if (r == 0 && n > 0)
		r = fleet_users_learn(g->x->a->fleet, user, n);
	free(user);
	return r;
}

static struct wanted *wanted_at(struct looking *g, const struct process_place *at, int is_exec)
{
	size_t i;

	for (i = g->first; i < g->last; i++)
		if (g->want[i].slot == at->i && g->want[i].is_exec == is_exec)
			return &g->want[i];
	return NULL;
}

static void segment(void *arg, const struct process_segment *s)
{
	struct looking *g = arg;

	g->inner.segment(g->inner.arg, s);
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	struct looking *g = arg;

	if (p->kind == PROCESS_TEXT)
		return;
	g->place = *at;
	/* what is wanted comes in order: all before has been */
	while (g->first < g->last && g->want[g->first].slot < at->i)
		g->first++;
}

static int bears_out(const struct fleet_claim *c, const struct process_record *p,
    const struct acct_record *a, int64_t start_ns)
{
	int64_t off = c->started_us == INT64_MIN ? start_ns : start_ns / 1000 - c->started_us;

	return c->pid == a->pid && c->uid == a->uid && c->session == (int64_t)p->session &&
	    off >= -CLOSE_US && off <= CLOSE_US;
}

static void record(void *arg, const struct process_record *p, const struct acct_record *a)
{
	struct looking *g = arg;
	struct wanted *w = wanted_at(g, &g->place, 0);
	size_t i;

	if (w == NULL)
		return;
	for (i = (size_t)(w - g->want); i < g->last && g->want[i].slot == g->place.i; i++) {
		struct fleet_claim *c = g->want[i].claim;

		if (g->want[i].is_exec)
			continue;
		c->seen = 1;
		if (!bears_out(c, p, a, procs_start(a, p, &g->x->source.segment.boot)))
			c->wrong = 1;
	}
	g->inner.record(g->inner.arg, p, a);
}

static void exec(void *arg, const struct process_text *t)
{
	struct looking *g = arg;
	const struct wanted *w = wanted_at(g, &g->place, 1);
	size_t i;

	if (w == NULL)
		return;
	for (i = (size_t)(w - g->want); i < g->last && g->want[i].slot == g->place.i; i++)
		if (g->want[i].is_exec && g->want[i].claim->pid == t->exec.pid)
			g->want[i].claim->exec_seen = 1;
	g->inner.exec(g->inner.arg, t);
}

/* The parts of a segment's file, each slot once. */
static int got_segment(void *arg, size_t host, uint64_t k, int fd)
{
	struct looking *g = arg;
	const struct process_walk w = { .segment = segment, .slot = slot, .record = record,
		.exec = exec, .arg = g };
	struct process_part *part;
	size_t i, n = 0;
	int r;

	while (g->last < g->wants && (g->want[g->last].host < host ||
	    (g->want[g->last].host == host && g->want[g->last].segment < k)))
		g->last++; /* of a segment that the fleet has nothing of */
	g->first = g->last;
	while (g->last < g->wants && g->want[g->last].host == host &&
	    g->want[g->last].segment == k)
		g->last++;
	part = calloc(g->last - g->first + 1, sizeof *part);
	if (part == NULL || (r = procs_fleet_at(g->x, host)) != 0) {
		free(part);
		return -ENOMEM;
	}
	for (i = g->first; i < g->last; i++)
		if (n == 0 || part[n - 1].i != g->want[i].slot)
			part[n++] = (struct process_part){ g->want[i].slot, 1 };
	r = process_walk_parts_of(fd, &w, k, part, n);
	free(part);
	return r == -ENOMEM ? r : 0; /* what cannot be read bears out nothing */
}

/* Did the policy delete the segment? */
static int is_gone(struct looking *g, const struct fleet_claim *c)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int gone = 0;

	fleet_ask_bytes(&a, g->x->chosen[c->host]->id, ID_SIZE);
	fleet_ask_number(&a, (int64_t)c->segment);
	if (fleet_rows(g->x->a->fleet, &r, "select coalesce(s.day < (select max(before)"
	    " from shellac.retained), false)::int::int8 from shellac.stream s"
	    " where s.host = $1 and s.kind = 2 and s.n = $2", &a) == 0) {
		gone = PQntuples(r) > 0 && fleet_number(r, 0, 0) == 1;
		PQclear(r);
	}
	return gone;
}

/* What is wrong with a row of the index, or NULL. */
static const char *wrong(struct looking *g, const struct fleet_claim *c)
{
	if (!c->seen)
		return is_gone(g, c) ? NULL : "the fleet's index has it, but no such record is there";
	if (c->wrong)
		return "the fleet's index says something else of it";
	if (g->x->ask->execs && c->exec_segment != 0 && !c->exec_seen)
		return "the beginning of its program is not where the fleet's index says";
	return NULL;
}

static void say_findings(struct looking *g)
{
	char name[PROCESS_NAME_MAX];
	size_t i;

	for (i = 0; i < g->claims; i++) {
		const struct fleet_claim *c = &g->claim[i];
		const char *text = wrong(g, c);

		if (text == NULL || g->x->findings++ >= FINDINGS_SAID)
			continue;
		complain("%s: process/%s, record %llu: %s", g->x->chosen[c->host]->name,
		    process_file_name(name, c->segment), (unsigned long long)c->slot, text);
	}
}

static int look(struct looking *g)
{
	size_t i;
	int r;

	g->wants = g->ranges = g->first = g->last = 0;
	for (i = 0; i < g->claims; i++) {
		struct fleet_claim *c = &g->claim[i];

		if (c->host >= g->x->hosts)
			return -EIO;
		want(g, c, c->segment, c->slot, 0);
		if (g->x->ask->execs)
			want(g, c, c->exec_segment, c->exec_slot, 1);
	}
	qsort(g->want, g->wants, sizeof *g->want, by_place);
	g->ranges = fleet_ranges_join(g->range, g->ranges);
	r = learn(g);
	if (r == 0 && g->ranges > 0)
		r = fleet_segments(g->x->a->fleet, g->x->chosen, g->range, g->ranges, got_segment, g);
	if (r == 0)
		say_findings(g);
	return r;
}

static int open_claims(struct procs_fleet *x)
{
	const struct procs_filter *f = x->ask->filter;
	const struct word *user = f->user;
	const struct fleet_claims_ask ask = { .host = x->chosen, .hosts = x->hosts,
		.user = user != NULL ? user->text : NULL,
		.has_uid = user != NULL && user->is_number,
		.uid = user != NULL && user->is_number ? (uint32_t)user->number : 0,
		.from_ns = f->from_ns, .to_ns = f->to_ns,
		.session = (int64_t)(f->session != 0 ? f->session : f->asked_session) };

	return fleet_claims_open(x->a->fleet, &ask);
}

static int look_at_all(struct looking *g)
{
	long n = 0;
	int r = open_claims(g->x);

	if (r != 0)
		return r;
	while (r == 0 && (n = fleet_claims_next(g->x->a->fleet, g->claim, BATCH)) > 0) {
		g->claims = (size_t)n;
		r = look(g);
	}
	if (r == 0 && n == 0)
		fleet_claims_close(g->x->a->fleet);
	return r != 0 ? r : (int)n;
}

int procs_fleet_by_index(struct procs_fleet *x)
{
	struct looking g = { .x = x, .inner = procs_source_walk(&x->source) };
	int r;

	g.claim = calloc(BATCH, sizeof *g.claim);
	g.want = calloc(2 * BATCH, sizeof *g.want);
	g.range = calloc(4 * BATCH, sizeof *g.range);
	r = g.claim == NULL || g.want == NULL || g.range == NULL ? -ENOMEM : look_at_all(&g);
	free(g.claim);
	free(g.want);
	free(g.range);
	if (r != 0)
		return procs_fleet_cannot(x, r);
	if (x->findings > FINDINGS_SAID)
		complain("and %llu more such findings", x->findings - FINDINGS_SAID);
	return x->findings > 0 ? AUDIT_FINDING : AUDIT_OK;
}
