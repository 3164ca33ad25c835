/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "array.h"
#include "err.h"
#include "fleet/hosts.h"
#include "sessions/list.h"
#include "sessions/sessions.h"

enum { OPT_JSON = OPT_LONG, OPT_COLUMNS, OPT_SORT, OPT_REVERSE, OPT_LIMIT, OPT_LAST, OPT_POLICY,
	OPT_NO_PAGER };

const struct opt list_opts[] = {
	{ OPT_COLUMNS, "columns", "LIST", "these columns, as n,user,start,status,finding" },
	{ OPT_SORT, "sort", "LIST", "by these columns, as user,-length" },
	{ OPT_REVERSE, "reverse", NULL, "the other way round" },
	{ OPT_LIMIT, "limit", "N", "the first N" },
	{ OPT_LAST, "last", "N", "the last N" },
	{ OPT_POLICY, "policy", "FILE", "whose cosignatures count (level 3)" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ OPT_NO_PAGER, "no-pager", NULL, "a long list at once" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct request {
	const char *columns, *sort, *policy;
	unsigned long long limit, last; /* 0: all */
	int json, reverse, no_pager;
	const struct list_column *column[LIST_COLUMNS];
	unsigned count;
};

/* The rows that were asked for, and of what: one store, or those of a fleet. */
struct chosen {
	const struct session_row **row;
	size_t rows, room;
	struct sessions **of;
	size_t stores;
};

static int number(const char *name, unsigned long long *out)
{
	if (opt_number(optarg, INT64_MAX, out) == 0 && *out > 0)
		return AUDIT_OK;
	complain("--%s %s: a number from 1 on is wanted", name, optarg);
	return AUDIT_USAGE;
}

static int take_option(struct request *q, int c)
{
	switch (c) {
	case OPT_JSON:
		q->json = 1;
		return AUDIT_OK;
	case OPT_COLUMNS:
		q->columns = optarg;
		return AUDIT_OK;
	case OPT_SORT:
		q->sort = optarg;
		return AUDIT_OK;
	case OPT_REVERSE:
		q->reverse = 1;
		return AUDIT_OK;
	case OPT_LIMIT:
		return number("limit", &q->limit);
	case OPT_LAST:
		return number("last", &q->last);
	case OPT_POLICY:
		q->policy = optarg;
		return AUDIT_OK;
	case OPT_NO_PAGER:
		q->no_pager = 1;
		return AUDIT_OK;
	default:
		return AUDIT_USAGE;
	}
}

static int no_column(const char *option, const char *wrong)
{
	complain("--%s \"%s\": expected some of %s%s", option, wrong, list_column_names(),
	    strcmp(option, "sort") == 0 ? ", with - for the highest first" : ", each once");
	return AUDIT_USAGE;
}

/* What can be said before the store is read. */
static int check(struct request *q)
{
	const char *wrong;

	if (q->json && q->columns != NULL) {
		complain("--columns is for the table, --json has all keys");
		return AUDIT_USAGE;
	}
	if (q->limit > 0 && q->last > 0) {
		complain("--limit and --last exclude each other");
		return AUDIT_USAGE;
	}
	q->count = list_columns(q->column, q->columns, &wrong);
	if (q->count == 0)
		return no_column("columns", wrong);
	if (q->sort != NULL && list_sort(NULL, 0, q->sort, &wrong) != 0)
		return no_column("sort", wrong);
	return AUDIT_OK;
}

static int choose(struct chosen *c, const struct sessions *x, const struct expression *only)
{
	size_t i, all = sessions_count(x);
	int r;

	for (i = 0; i < all; i++) {
		if (!expression_test(only, sessions_row(x, i)))
			continue;
		if ((r = array_room(&c->row, c->rows, &c->room, sizeof *c->row)) != 0)
			return r;
		c->row[c->rows++] = sessions_row(x, i);
	}
	return 0;
}

/* Numbers of several hosts say nothing of each other. */
static int by_start(const void *a, const void *b)
{
	const struct session_row *x = *(const struct session_row *const *)a;
	const struct session_row *y = *(const struct session_row *const *)b;
	int r = strcmp(x->host, y->host);

	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	if (r != 0 || x->entry->name.n == y->entry->name.n)
		return r;
	return x->entry->name.n < y->entry->name.n ? -1 : 1;
}

static void put_in_order(struct chosen *c, const struct request *q)
{
	const char *wrong;
	size_t i;

	if (c->stores > 1 && c->rows > 1)
		qsort(c->row, c->rows, sizeof *c->row, by_start);
	if (q->sort != NULL)
		(void)list_sort(c->row, c->rows, q->sort, &wrong);
	for (i = 0; q->reverse && i < c->rows / 2; i++) {
		const struct session_row *w = c->row[i];

		c->row[i] = c->row[c->rows - 1 - i];
		c->row[c->rows - 1 - i] = w;
	}
}

static int has_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

static int show(const struct chosen *c, const struct request *q)
{
	size_t rows = q->limit > 0 && q->limit < c->rows ? (size_t)q->limit :
	    q->last > 0 && q->last < c->rows ? (size_t)q->last : c->rows;
	const struct session_row *const *row = c->row + (q->last > 0 ? c->rows - rows : 0);
	int color = has_color();
	size_t i;

	for (i = 0; i < rows && q->json; i++)
		list_json(row[i]);
	return q->json ? 0 : list_text(row, rows, q->column, q->count, color, !q->no_pager);
}

/* The rows of one store.  An exit status. */
static int add_store(struct chosen *c, struct auditor *a, const struct sessions_ask *ask,
    int argc, char **argv)
{
	char why[EXPRESSION_WHY];
	struct expression *only = NULL;
	struct sessions *x;
	int r;

	if (auditor_want_all(a) != AUDIT_OK || sessions_open_asked(&x, a, ask) != 0)
		return AUDIT_CANNOT;
	c->of[c->stores++] = x;
	r = sessions_expression(&only, x, argc, argv, why);
	if (r == E_FORMAT) {
		complain("%s; shellac(1), list, has the words", why);
		return AUDIT_USAGE;
	}
	if (r == 0)
		r = choose(c, x, only);
	expression_free(only);
	if (r != 0)
		complain("list: %s", err_text(r));
	return r != 0 ? AUDIT_CANNOT : AUDIT_OK;
}

static int list(struct hosts *all, const struct request *q, const struct sessions_ask *ask,
    int argc, char **argv)
{
	struct chosen c = { .of = calloc(all->hosts + 1, sizeof *c.of) };
	int status = c.of == NULL ? AUDIT_CANNOT : AUDIT_OK, r = 0, cannot = 0;
	size_t i;

	for (i = 0; i < all->hosts && status == AUDIT_OK; i++)
		status = add_store(&c, all->host[i], ask, argc, argv);
	if (status == AUDIT_OK) {
		put_in_order(&c, q);
		r = show(&c, q);
	}
	if (r != 0)
		complain("list: %s", err_text(r));
	for (i = 0; i < c.stores; i++) {
		cannot |= sessions_cannot(c.of[i]) > 0;
		sessions_free(c.of[i]);
	}
	free(c.of);
	free(c.row);
	return status == AUDIT_OK && (r != 0 || cannot) ? AUDIT_CANNOT : status;
}

static int open_and_list(struct auditor *a, const struct request *q,
    const struct witness_policy *policy, int argc, char **argv)
{
	const struct sessions_ask ask = { .policy = policy, .policy_path = q->policy };
	struct session_asked asked;
	char why[EXPRESSION_WHY];
	struct hosts all;
	int status, r = session_asked_read(&asked, argc, argv, why);

	if (r != 0) {
		complain("%s; shellac(1), list, has the words", r == E_FORMAT ? why : err_text(r));
		return r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
	}
	if (a->conninfo == NULL)
		sessions_ahead(a->store_path);
	status = hosts_open_asked(&all, a, &asked);
	if (status == AUDIT_OK)
		status = list(&all, q, &ask, argc, argv);
	hosts_release(&all);
	session_asked_release(&asked);
	return status;
}

int cmd_list(struct auditor *a, int argc, char **argv)
{
	struct request q = { 0 };
	struct witness_policy *policy = NULL;
	unsigned line = 0;
	int c, done, status = AUDIT_OK;

	while ((c = command_next(command_find("list"), argc, argv, &done)) != OPT_END)
		if ((status = take_option(&q, c)) != AUDIT_OK)
			return status;
	if (done)
		return AUDIT_OK;
	if (a->conninfo != NULL && q.columns == NULL && !q.json)
		q.columns = LIST_FLEET;
	if ((status = check(&q)) != AUDIT_OK)
		return status;
	if (q.policy != NULL && (c = policy_load(&policy, q.policy, &line)) != 0) {
		complain_policy(q.policy, line, c);
		return AUDIT_CANNOT;
	}
	status = open_and_list(a, &q, policy, argc - optind, argv + optind);
	policy_free(policy);
	return status;
}
