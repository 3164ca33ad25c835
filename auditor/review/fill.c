/* SPDX-License-Identifier: ISC */
#include "review/fill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "approval.h"
#include "array.h"
#include "coverage/coverage.h"
#include "err.h"
#include "output/progress.h"
#include "review/entries.h"
#include "review/review.h"
#include "review/rules_session.h"

#define MISSING_MAX 1000 /* items; a forged number must not fill the screen */

struct filling {
	struct fill *out;
	struct auditor *a;
	struct expression *only; /* NULL: all */
	struct reviews reviews;
	struct approvers by;
	int has_by;
	uint8_t seed[HASH_SIZE];
	struct queue_how how;
};

static int cannot(const struct auditor *a, const char *what, int r)
{
	complain("%s%s: %s", a->store_path, what, err_text(r));
	return AUDIT_CANNOT;
}

static int is_signed_off(const struct filling *g, const struct session_row *row)
{
	return reviews_of(&g->reviews, row->entry->name.n, row->entry->name.id,
	    g->has_by ? &g->by : NULL) != NULL;
}

static int is_entry_signed_off(struct filling *g, uint64_t entry)
{
	int is = reviews_of_entry(&g->reviews, entry, g->has_by ? &g->by : NULL) != NULL;

	g->out->entries_signed_off += (size_t)is;
	return is;
}

/* 0 or negative; a session that cannot be read is in the queue for what is known of it. */
static int look_at(struct filling *g, const struct session_row *row)
{
	struct rule_hits hits = { .hits = 0 };
	struct verdict v;
	int r = 0;

	if (rules_count(g->out->rules) > 0 && row->status != STATUS_PURGED)
		r = rules_session(&hits, g->out->rules, g->a, row->entry, &v);
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		g->out->status = cannot(g->a, "", r);
	if (hits.undecided > 0)
		complain("session %llu: %llu lines take too much work to hold them against the rules",
		    (unsigned long long)row->entry->name.n, hits.undecided);
	r = queue_session(&g->out->queue, &g->how, row, &hits);
	rule_hits_release(&hits);
	return r;
}

static int look_at_sessions(struct filling *g)
{
	size_t i, count = sessions_count(g->out->sessions);
	struct progress progress;
	int r = 0;

	progress_begin(&progress, "holding sessions against the rules");
	for (i = 0; i < count && r == 0; i++) {
		const struct session_row *row = sessions_row(g->out->sessions, i);

		progress_at(&progress, i, count);
		if (g->only != NULL && !expression_test(g->only, row))
			continue;
		if (is_signed_off(g, row)) {
			g->out->signed_off++;
			continue;
		}
		g->out->open++;
		r = look_at(g, row);
	}
	progress_end(&progress);
	return r;
}

struct opens {
	struct queue_item *item; /* of missing sessions, by number */
	size_t items;
};

static int take_open(void *arg, const struct entry *e, const uint8_t leaf[MERKLE_HASH])
{
	const struct opens *x = arg;
	size_t i;

	(void)leaf;
	if (e->type != ENTRY_OPEN)
		return 0;
	i = ARRAY_FIRST(x->item, x->items, n, e->u.open.n);
	if (i < x->items && x->item[i].n == e->u.open.n) {
		x->item[i].entry = e->index;
		x->item[i].has_entry = 1;
	}
	return 0;
}

/* What the ledger says of missing sessions, which stand in the queue from first on, is what
 * can be signed off; those that are leave it. */
static int find_opens(struct filling *g, size_t first)
{
	struct queue *q = &g->out->queue;
	struct opens x = { q->item + first, q->items - first };
	int r = entries_each(&g->a->store, take_open, &x);
	size_t i = first;

	while (r == 0 && i < q->items) {
		if (q->item[i].has_entry && is_entry_signed_off(g, q->item[i].entry))
			queue_drop(q, i);
		else
			i++;
	}
	return r;
}

/* Numbers that no file of the store has. */
static int look_for_missing(struct filling *g)
{
	const struct store *s = &g->a->store;
	uint64_t n, missing = 0, last = s->last;
	size_t i = 0, first = g->out->queue.items;
	int r = 0;

	if (s->sessions > 0 && s->session[s->sessions - 1].name.n > last)
		last = s->session[s->sessions - 1].name.n;
	for (n = 1; r == 0 && missing < MISSING_MAX && n <= last; n++) {
		while (i < s->sessions && s->session[i].name.n < n)
			i++;
		if (i < s->sessions && s->session[i].name.n == n)
			continue;
		missing++;
		r = queue_missing(&g->out->queue, n);
	}
	return r == 0 && missing > 0 ? find_opens(g, first) : r;
}

static int look_at_terminals(struct filling *g, const struct review_args *args)
{
	struct cover c = { .since_ns = args->since_ns, .until_ns = INT64_MAX };
	struct users *users = users_new(&g->a->store, g->a->control[0] != '\0');
	int trouble = 0, r = users == NULL ? -ENOMEM : cover_ledger(&c, &g->a->store);
	size_t i;

	if (r > 0)
		g->out->status = AUDIT_FINDING;
	if (r >= 0 && cover_processes(&c, &g->a->store, &trouble) < 0)
		g->out->status = AUDIT_CANNOT;
	if (r >= 0) {
		r = 0;
		cover_finish(&c, users);
	}
	for (i = 0; r == 0 && i < c.rows; i++)
		if (c.row[i].kind == COVER_UNRECORDED &&
		    !(c.row[i].has_leaf && is_entry_signed_off(g, c.row[i].leaf)))
			r = queue_terminal(&g->out->queue, &c.row[i]);
	users_free(users);
	cover_release(&c);
	return r;
}

/* What was signed off: a ledger that is wrong says so, and what is behind that does not count. */
static int read_reviews(struct filling *g)
{
	int r = reviews_read(&g->reviews, g->a);

	if (r == 0 && g->reviews.wrong != 0) {
		complain("the ledger: %s; sign-offs behind that do not count",
		    err_text(g->reviews.wrong));
		g->out->status = AUDIT_FINDING;
	}
	return r;
}

static int read_words(struct filling *g, const struct review_args *args)
{
	char why[EXPRESSION_WHY];
	int r = args->argc == 0 ? 0 :
	    sessions_expression(&g->only, g->out->sessions, args->argc, args->argv, why);

	if (r == E_FORMAT)
		complain("%s", why);
	return r == 0 ? AUDIT_OK : r == E_FORMAT ? AUDIT_USAGE : cannot(g->a, "", r);
}

static int read_reviewers(struct filling *g, const char *path)
{
	int r = path != NULL ? approvers_load(&g->by, path) : 0;

	g->has_by = path != NULL;
	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s", path, approvers_error(r));
	return AUDIT_CANNOT;
}

static int open_all(struct filling *g, const struct review_args *args)
{
	int status = rules_open(&g->out->rules, g->a, args->rules);

	if (status == AUDIT_OK)
		status = read_reviewers(g, args->reviewers);
	if (status == AUDIT_OK)
		status = auditor_open(g->a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(g->a);
	if (status == AUDIT_OK && sessions_open(&g->out->sessions, g->a) != 0)
		status = AUDIT_CANNOT;
	return status == AUDIT_OK ? read_words(g, args) : status;
}

int fill_queue(struct fill *out, struct auditor *a, const struct review_args *args)
{
	struct filling *g = calloc(1, sizeof *g);
	int status, r;

	memset(out, 0, sizeof *out);
	if (g == NULL)
		return cannot(a, "", -ENOMEM);
	g->out = out;
	g->a = a;
	status = open_all(g, args);
	if (status == AUDIT_OK) {
		hash_of(g->seed, a->key.pk, a->have_key ? PK_SIZE : 0);
		g->how = (struct queue_how){ .sample = args->sample, .seed = g->seed,
			.night_from = args->night_from, .night_to = args->night_to };
		r = read_reviews(g);
		if (r == 0)
			r = look_at_sessions(g);
		if (r == 0 && g->only == NULL && (r = look_for_missing(g)) == 0)
			r = look_at_terminals(g, args);
		if (r != 0)
			status = cannot(a, "", r);
	}
	queue_order(&out->queue);
	reviews_release(&g->reviews);
	expression_free(g->only);
	free(g);
	return status;
}

void fill_release(struct fill *f)
{
	queue_release(&f->queue);
	sessions_free(f->sessions);
	rules_free(f->rules);
	memset(f, 0, sizeof *f);
}
