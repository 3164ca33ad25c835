/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/pg_array.h"
#include "store/fleet_internal.h"

/*
 * What was asked for all hosts of the group: an answer waits until each of them has taken its
 * rows.
 */
struct fleet_answer {
	struct fleet_answer *next;
	char *key;        /* the question and what it asks for */
	size_t key_len;
	PGresult *r;
	int *row, *first; /* rows of host i: row[first[i]] to row[first[i + 1] - 1] */
	uint8_t *taken;   /* by host */
	size_t left;      /* hosts that have not */
};

/* What fleet_days() found. */
struct fleet_known_days {
	struct fleet_known_days *next;
	char *key;
	size_t key_len;
	char text[];
};

static void answer_free(struct fleet_answer *x)
{
	PQclear(x->r);
	free(x->key);
	free(x->row);
	free(x->first);
	free(x->taken);
	free(x);
}

void fleet_apart(struct fleet *f)
{
	while (f->answer != NULL) {
		struct fleet_answer *x = f->answer;

		f->answer = x->next;
		answer_free(x);
	}
	while (f->days != NULL) {
		struct fleet_known_days *x = f->days;

		f->days = x->next;
		free(x->key);
		free(x);
	}
	free(f->group);
	f->group = NULL;
	f->grouped = 0;
}

int fleet_together(struct fleet *f, const struct fleet_host *const *host, size_t hosts)
{
	fleet_apart(f);
	if (hosts < 2)
		return 0;
	f->group = calloc(hosts, sizeof *f->group);
	if (f->group == NULL)
		return -ENOMEM;
	memcpy(f->group, host, hosts * sizeof *host);
	f->grouped = hosts;
	return 0;
}

static size_t place_of(const struct fleet *f, const struct fleet_host *h)
{
	size_t i = 0;

	while (i < f->grouped && f->group[i] != h)
		i++;
	return i;
}

/* A parameter's length, -1 for null. */
static int param_len(const struct fleet_ask *a, int i)
{
	if (a->value[i] == NULL)
		return -1;
	return a->format[i] == 1 ? a->len[i] : (int)strlen(a->value[i]);
}

/* All but the host.  *len bytes that the caller frees, or NULL. */
static char *make_key(const char *sql, const struct fleet_ask *a, size_t *len)
{
	char *key = NULL;
	FILE *out = open_memstream(&key, len);
	int i, n;

	if (out == NULL)
		return NULL;
	fputs(sql, out);
	for (i = 1; i < a->count; i++) {
		n = param_len(a, i);
		fwrite(&n, sizeof n, 1, out);
		if (n > 0)
			fwrite(a->value[i], 1, (size_t)n, out);
	}
	if (fclose(out) == 0)
		return key;
	free(key);
	return NULL;
}

/* Where the question's rows of each host are. */
static int sort_rows(struct fleet_answer *x, size_t hosts)
{
	int rows = PQntuples(x->r), col = PQnfields(x->r) - 1, i;
	int64_t at;
	size_t k;

	x->row = calloc((size_t)rows + 1, sizeof *x->row);
	x->first = calloc(hosts + 2, sizeof *x->first);
	x->taken = calloc(hosts, 1);
	if (x->row == NULL || x->first == NULL || x->taken == NULL)
		return -ENOMEM;
	for (i = 0; i < rows; i++) {
		at = fleet_number(x->r, i, col);
		if (at < 1 || (uint64_t)at > hosts)
			return -EIO;
		x->first[at + 1]++;
	}
	for (k = 1; k <= hosts; k++)
		x->first[k + 1] += x->first[k];
	/* first[k + 1] is where host k goes on, and in the end where the next one begins */
	for (i = 0; i < rows; i++)
		x->row[x->first[fleet_number(x->r, i, col)]++] = i;
	x->left = hosts;
	return 0;
}

#define SQL_MAX 4096
#define EACH "q.*, w.i" /* the number of the host stands behind its columns */

/* The question with the hosts around it. */
static int ask_for(struct fleet_ask *own, char sql[SQL_MAX], const char *columns,
    const char *question, const struct fleet_ask *a, struct pg_array *hosts)
{
	int n = snprintf(sql, SQL_MAX, "select %s from unnest($1::bytea[]) with ordinality"
	    " as w(host, i) cross join lateral (%s) q", columns, question);

	*own = *a;
	own->value[0] = pg_array_text(hosts);
	if (own->value[0] == NULL)
		return -ENOMEM;
	return n > 0 && n < SQL_MAX ? 0 : -EINVAL;
}

static int ask_all(struct fleet *f, struct fleet_answer *x, const char *question,
    const struct fleet_ask *a)
{
	struct pg_array hosts = { .text = NULL };
	struct fleet_ask own;
	char sql[SQL_MAX];
	size_t i;
	int r;

	for (i = 0; i < f->grouped; i++)
		pg_array_bytes(&hosts, f->group[i]->id, ID_SIZE);
	r = ask_for(&own, sql, EACH, question, a, &hosts);
	if (r == 0)
		r = fleet_rows(f, &x->r, sql, &own);
	if (r == 0)
		r = sort_rows(x, f->grouped);
	pg_array_release(&hosts);
	return r;
}

/* The answer to a question, which is asked where it was not.  0 or negative. */
static int find_answer(struct fleet *f, struct fleet_answer **out, const char *sql,
    const struct fleet_ask *a)
{
	struct fleet_answer *x;
	size_t len;
	char *key = make_key(sql, a, &len);
	int r;

	if (key == NULL)
		return -ENOMEM;
	for (x = f->answer; x != NULL; x = x->next)
		if (x->key_len == len && memcmp(x->key, key, len) == 0)
			break;
	if (x != NULL) {
		free(key);
		*out = x;
		return 0;
	}
	x = calloc(1, sizeof *x);
	if (x == NULL) {
		free(key);
		return -ENOMEM;
	}
	x->key = key;
	x->key_len = len;
	if ((r = ask_all(f, x, sql, a)) != 0) {
		answer_free(x);
		return r;
	}
	x->next = f->answer;
	f->answer = x;
	*out = x;
	return 0;
}

static void forget(struct fleet *f, struct fleet_answer *x)
{
	struct fleet_answer **p = &f->answer;

	while (*p != x)
		p = &(*p)->next;
	*p = x->next;
	answer_free(x);
}

/* The rows of host i of the group: 0, what take returned, or negative; 1 in *mine where they
 * were not taken before. */
static int take_rows(struct fleet *f, size_t i, const char *sql, const struct fleet_ask *a,
    fleet_take *take, void *arg, int *mine)
{
	struct fleet_answer *x;
	int r, k;

	*mine = 0;
	pthread_mutex_lock(&f->together);
	r = find_answer(f, &x, sql, a);
	if (r == 0 && !x->taken[i]) {
		*mine = x->taken[i] = 1;
		for (k = x->first[i]; r == 0 && k < x->first[i + 1]; k++)
			r = take(arg, x->r, x->row[k]);
		if (--x->left == 0)
			forget(f, x);
	}
	pthread_mutex_unlock(&f->together);
	return r;
}

int fleet_each_of(struct fleet *f, const struct fleet_host *h, const char *sql,
    const struct fleet_ask *a, fleet_take *take, void *arg)
{
	struct pg_array host = { .text = NULL };
	struct fleet_ask own;
	char text[SQL_MAX];
	size_t i = place_of(f, h);
	int r, mine = 0;

	if (i < f->grouped && ((r = take_rows(f, i, sql, a, take, arg, &mine)) != 0 || mine))
		return r;
	pg_array_bytes(&host, h->id, ID_SIZE);
	r = ask_for(&own, text, EACH, sql, a, &host);
	if (r == 0)
		r = fleet_each(f, text, &own, take, arg);
	pg_array_release(&host);
	return r;
}

/* Asks for the days, of the whole group where h is of it: 0 and *out. */
static int ask_days(struct fleet *f, const struct fleet_host *h, const char *sql,
    const struct fleet_ask *a, struct fleet_known_days **out)
{
	struct pg_array hosts = { .text = NULL };
	struct fleet_known_days *x = NULL;
	struct fleet_ask own;
	char text[SQL_MAX];
	int in_group = place_of(f, h) < f->grouped, r;
	size_t i, len;
	PGresult *rows;

	for (i = 0; i < f->grouped && in_group; i++)
		pg_array_bytes(&hosts, f->group[i]->id, ID_SIZE);
	if (!in_group)
		pg_array_bytes(&hosts, h->id, ID_SIZE);
	r = ask_for(&own, text, "coalesce(array_agg(distinct q.day), '{}')::text", sql, a, &hosts);
	if (r == 0)
		r = fleet_rows(f, &rows, text, &own);
	pg_array_release(&hosts);
	if (r != 0)
		return r;
	len = strlen(fleet_text(rows, 0, 0));
	x = calloc(1, sizeof *x + len + 1);
	if (x != NULL)
		memcpy(x->text, fleet_text(rows, 0, 0), len);
	PQclear(rows);
	*out = x;
	return x != NULL ? 0 : -ENOMEM;
}

int fleet_days(struct fleet *f, const struct fleet_host *h, const char *sql,
    const struct fleet_ask *a, const char **out)
{
	struct fleet_known_days *x;
	struct fleet_ask with = *a;
	char *key;
	size_t len;
	int r = 0;

	if (place_of(f, h) == f->grouped)
		fleet_ask_bytes(&with, h->id, ID_SIZE); /* in the key alone */
	if ((key = make_key(sql, &with, &len)) == NULL)
		return -ENOMEM;
	pthread_mutex_lock(&f->together);
	for (x = f->days; x != NULL; x = x->next)
		if (x->key_len == len && memcmp(x->key, key, len) == 0)
			break;
	if (x == NULL && (r = ask_days(f, h, sql, a, &x)) == 0) {
		x->key = key;
		x->key_len = len;
		x->next = f->days;
		f->days = x;
		key = NULL;
	}
	pthread_mutex_unlock(&f->together);
	free(key);
	if (r == 0)
		*out = x->text;
	return r;
}
