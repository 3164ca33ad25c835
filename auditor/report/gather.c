/* SPDX-License-Identifier: ISC */
#include "report/gather.h"
#include "store/fleet_store.h"
#include "fleet/fleet_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "err.h"
#include "ledger_file.h"

int gather_wants(const struct gather *g, int64_t wall_ns)
{
	return wall_ns >= g->since_ns && wall_ns <= g->until_ns;
}

struct gather_session *gather_session(const struct gather *g, uint64_t n)
{
	size_t i = ARRAY_FIRST(g->session, g->sessions, n, n);

	return i < g->sessions && g->session[i].n == n ? &g->session[i] : NULL;
}

const char *gather_user(struct gather *g, char out[24], uint32_t uid)
{
	const char *name = users_name(g->users, uid);

	if (name != NULL)
		return name;
	snprintf(out, 24, "%lu", (unsigned long)uid);
	return out;
}

const char *gather_date(char out[GATHER_DATE], int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	snprintf(out, GATHER_DATE, "%.19s%s", text, text[0] != '\0' ? "Z" : "");
	return out;
}

static void take_entry(struct gather *g, const struct entry *e)
{
	gather_time_entry(g, e);
	gather_failures_entry(g, e);
	gather_access_entry(g, e);
	gather_review_entry(g, e);
	gather_retention_entry(g, e);
	gather_configuration_entry(g, e);
	gather_capacity_entry(g, e);
}

/* What was read is what was proven. */
static int is_same(const struct merkle *read, const struct merkle *proven)
{
	uint8_t a[MERKLE_HASH], b[MERKLE_HASH];

	merkle_root(read, a);
	merkle_root(proven, b);
	return memcmp(a, b, MERKLE_HASH) == 0;
}

/* Goes through the ledger as far as it was found to be right, or only to its first entry. */
static int read_ledger(struct gather *g, int only_first)
{
	const struct evidence *v = &g->verify.evidence;
	int fd = store_open_file(&g->a->store, LEDGER_DIR "/" LEDGER_LOG), r = 0;
	struct ledger_file l;
	struct entry e;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ledger_file_init(&l, fd, NULL);
	l.trusted = v->file.tree.size;
	while (l.tree.size < v->file.tree.size && (r = ledger_file_next(&l, &e)) == 1) {
		if (e.index == 0)
			g->first_ns = e.wall_ns;
		if (only_first)
			break;
		take_entry(g, &e);
	}
	if (r >= 0 && !only_first && !is_same(&l.tree, &v->file.tree))
		r = E_CHAIN;
	ledger_file_end(&l);
	close(fd);
	return r < 0 ? r : 0;
}

/* The end is the ledger's last entry: until when the host says anything at all.  A clock
 * that was set back may have left later times before that: these are not left out. */
static void set_period(struct gather *g)
{
	const struct evidence *v = &g->verify.evidence;

	g->last_ns = v->file.tree.size > 0 ? v->file.wall_ns : 0;
	g->end_ns = g->until_ns;
	if (v->file.tree.size > 0 && g->until_ns >= g->last_ns) {
		g->end_ns = g->last_ns;
		g->until_ns = INT64_MAX;
	}
}

/* Numbers come in order, but for a file that is there twice. */
static void take_session(void *arg, uint64_t n, const char *status, int level,
    const struct verdict *v)
{
	struct gather *g = arg;
	struct gather_session *s = gather_session(g, n);

	progress_at(&g->progress, g->sessions, g->a->store.sessions);
	if (s == NULL) {
		if (array_room(&g->session, g->sessions, &g->session_room, sizeof *s) != 0) {
			g->r->error = -ENOMEM;
			return;
		}
		s = &g->session[g->sessions++];
		memset(s, 0, sizeof *s);
		s->n = n;
	}
	s->start_ns = v != NULL && v->chain.have_cert ? v->chain.cert.wall_ns : REPORT_UNKNOWN;
	s->missing = v == NULL;
	s->purged = v != NULL && v->status == STATUS_PURGED;
	s->wanted = s->start_ns == REPORT_UNKNOWN || (s->start_ns <= g->until_ns &&
	    (v->status == STATUS_LIVE || v->chain.chunk == 0 ||
	    v->chain.last.wall_ns >= g->since_ns));
	if (g->host == NULL && v != NULL && v->chain.certified)
		g->host = report_keep(g->r, v->chain.cert.host);
	if (!s->wanted)
		return;
	g->wanted++;
	gather_integrity_session(g, status, level, v);
	gather_users_session(g, n, status, level, v);
}

static void take_finding(void *arg, uint64_t n, const struct finding *f)
{
	gather_findings_add(arg, n, f);
}

static void begin(struct gather *g)
{
	gather_source_begin(g);
	gather_findings_begin(g);
	gather_time_begin(g);
	gather_failures_begin(g);
	gather_access_begin(g);
	gather_review_begin(g);
	gather_retention_begin(g);
	gather_configuration_begin(g);
	gather_coverage_begin(g);
}

static void end(struct gather *g)
{
	gather_coverage_end(g);
	gather_users_end(g);
	gather_integrity_end(g);
	gather_time_end(g);
	gather_failures_end(g);
	gather_access_end(g);
	gather_review_end(g);
	gather_retention_end(g);
	gather_configuration_end(g);
	gather_capacity_end(g);
	gather_limits(g);
	verify_ledger(&g->verify, 1);
	gather_findings_end(g);
}

static void find(struct gather *g, const char *kind, const struct fleet_fault *x)
{
	struct finding f = { .chunk = x->chunk, .offset = x->offset, .kind = kind };

	snprintf(f.text, sizeof f.text, "%s", x->text);
	gather_findings_add(g, x->n, &f);
}

static void find_tamper(void *g, const struct fleet_fault *x)
{
	find(g, "tamper", x);
}

static void find_state(void *g, const char *kind, const char *text)
{
	struct fleet_fault x = { .chunk = -1 };

	if (strcmp(kind, "tamper") == 0) /* each by itself */
		return;
	snprintf(x.text, sizeof x.text, "%s", text);
	find(g, kind, &x);
}

/* What is wrong with how the store came into its fleet. */
static void find_in_fleet(struct gather *g)
{
	const struct fleet_fault *fault;
	struct fleet_state state;
	size_t i, count;

	if (g->a->host == NULL)
		return;
	count = fleet_store_faults(&g->a->store, &fault);
	for (i = 0; i < count; i++)
		find(g, "fleet", &fault[i]);
	if (fleet_store_tampers(&g->a->store, find_tamper, g) != 0)
		g->cannot = 1;
	if (fleet_state_read(&state, g->a->fleet, g->a->host) == 0)
		(void)fleet_state_findings(&state, g->a->host, find_state, g);
	else
		g->cannot = 1;
}

int gather(struct gather *g)
{
	const struct verify_taker taker = { take_session, take_finding, g };
	int r;

	g->run_state = -1;
	g->verify.taker = &taker;
	if (verify_begin(&g->verify, &g->a->store, 0) != 0)
		return -EIO;
	set_period(g);
	g->users = users_new(&g->a->store, 0);
	if (g->users == NULL)
		return -ENOMEM;
	r = read_ledger(g, 1);
	if (r != 0 || (r = gather_users_begin(g)) != 0)
		return r;
	begin(g);
	progress_begin(&g->progress, "verifying sessions");
	verify_store(&g->verify, &g->a->store);
	progress_end(&g->progress);
	find_in_fleet(g);
	r = read_ledger(g, 0);
	if (r != 0)
		return r;
	end(g);
	g->cannot |= g->verify.cannot;
	g->verify.taker = NULL;
	return g->r->error;
}

void gather_release(struct gather *g)
{
	evidence_release(&g->verify.evidence);
	cover_release(&g->cover);
	reviews_release(&g->known);
	if (g->users != NULL)
		users_free(g->users);
	free(g->session);
	free(g->lives);
	free(g->user);
	free(g->fail);
	free(g->day);
	free(g->month);
}
