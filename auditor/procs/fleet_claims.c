/* SPDX-License-Identifier: ISC */
#include "procs/fleet_claims.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fleet/pg_array.h"
#include "store/fleet_query.h"

/* Which users of which hosts: one row each. */
struct pairs {
	struct pg_array host, uid, at;
};

static void add(struct pairs *p, const struct fleet_claims_ask *ask, size_t i)
{
	pg_array_bytes(&p->host, ask->host[i]->id, ID_SIZE);
	pg_array_number(&p->at, (int64_t)i);
}

/* The numbers that this user's sessions have. */
static int add_named(struct pairs *p, struct fleet *f, const struct fleet_claims_ask *ask)
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	size_t i, len;
	int row, e;

	fleet_ask_text(&a, ask->user);
	e = fleet_rows(f, &r, "select host, uid from shellac.session where username = $1"
	    " and uid is not null group by host, uid", &a);
	if (e != 0)
		return e;
	for (row = 0; row < PQntuples(r); row++) {
		const uint8_t *id = fleet_bytes(r, row, 0, &len);
		int64_t uid = fleet_number(r, row, 1);

		for (i = 0; i < ask->hosts; i++) {
			if (len != ID_SIZE || memcmp(ask->host[i]->id, id, len) != 0 ||
			    (ask->has_uid && uid == ask->uid))
				continue;
			add(p, ask, i);
			pg_array_number(&p->uid, uid);
		}
	}
	PQclear(r);
	return 0;
}

static int fill(struct pairs *p, struct fleet *f, const struct fleet_claims_ask *ask)
{
	size_t i;

	for (i = 0; i < ask->hosts && (ask->has_uid || ask->user == NULL); i++) {
		add(p, ask, i);
		if (ask->has_uid)
			pg_array_number(&p->uid, ask->uid);
		else
			pg_array_null(&p->uid);
	}
	return ask->user != NULL ? add_named(p, f, ask) : 0;
}

#define QUESTION_HEAD "declare shellac_claims no scroll cursor for" \
	" select w.i, p.segment, p.slot, coalesce(p.exec_segment, 0), coalesce(p.exec_slot, 0)," \
	" (extract(epoch from p.started) * 1000000)::int8, p.pid, p.uid, coalesce(p.session, 0)" \
	" from unnest($1::bytea[], $2::int8[], $3::int8[]) as w(host, uid, i)" \
	" join shellac.process p on p.host = w.host"
#define QUESTION_FROM " and p.started >= to_timestamp($4::float8 - 0.001)" \
	" and p.day >= (to_timestamp($4::float8 - 0.001) at time zone 'utc')::date"
#define QUESTION_TO " and p.started <= to_timestamp($5::float8 + 0.002)" \
	" and p.day <= (to_timestamp($5::float8 + 0.002) at time zone 'utc')::date"
#define QUESTION_TAIL " and ($6 = 0 or p.session = $6)" \
	" order by w.i, p.segment, p.slot"

/* Only fixed parts; what is asked for goes beside it. */
static void question(char *out, size_t size, const struct fleet_claims_ask *ask, int from, int to)
{
	int by_user = ask->user != NULL || ask->has_uid;

	snprintf(out, size, "%s%s%s%s%s", QUESTION_HEAD, by_user ? " and p.uid = w.uid" : "",
	    from ? QUESTION_FROM : "", to ? QUESTION_TO : "", QUESTION_TAIL);
}

static int declare(struct fleet *f, const struct fleet_claims_ask *ask, struct pairs *p)
{
	const char *host = pg_array_text(&p->host), *uid = pg_array_text(&p->uid);
	const char *at = pg_array_text(&p->at);
	struct fleet_ask a = { .count = 0 };
	char sql[2048], from_text[FLEET_TIME_TEXT], to_text[FLEET_TIME_TEXT];
	const char *from = fleet_time(from_text, ask->from_ns);
	const char *to = fleet_time(to_text, ask->to_ns);
	PGresult *r;
	int e;

	if (host == NULL || uid == NULL || at == NULL)
		return -ENOMEM;
	fleet_ask_text(&a, host);
	fleet_ask_text(&a, uid);
	fleet_ask_text(&a, at);
	fleet_ask_text(&a, from);
	fleet_ask_text(&a, to);
	fleet_ask_number(&a, ask->session);
	question(sql, sizeof sql, ask, from != NULL, to != NULL);
	e = fleet_rows(f, &r, sql, &a);
	if (e == 0)
		PQclear(r);
	return e;
}

int fleet_claims_open(struct fleet *f, const struct fleet_claims_ask *ask)
{
	struct pairs p = { .host = { .text = NULL } };
	int r = fill(&p, f, ask);

	if (r == 0)
		r = declare(f, ask, &p);
	pg_array_release(&p.host);
	pg_array_release(&p.uid);
	pg_array_release(&p.at);
	return r;
}

static void take(struct fleet_claim *c, const PGresult *r, int row)
{
	*c = (struct fleet_claim){ .host = (size_t)fleet_number(r, row, 0),
		.segment = (uint64_t)fleet_number(r, row, 1),
		.slot = (uint64_t)fleet_number(r, row, 2),
		.exec_segment = (uint64_t)fleet_number(r, row, 3),
		.exec_slot = (uint64_t)fleet_number(r, row, 4),
		.started_us = PQgetisnull(r, row, 5) ? INT64_MIN : fleet_number(r, row, 5),
		.pid = fleet_number(r, row, 6), .uid = fleet_number(r, row, 7),
		.session = fleet_number(r, row, 8) };
}

long fleet_claims_next(struct fleet *f, struct fleet_claim *out, size_t max)
{
	char sql[80];
	PGresult *r;
	int row, n, e;

	snprintf(sql, sizeof sql, "fetch forward %zu from shellac_claims", max);
	e = fleet_rows(f, &r, sql, NULL);
	if (e != 0)
		return e;
	n = PQntuples(r) < (int)max ? PQntuples(r) : (int)max;
	for (row = 0; row < n; row++)
		take(&out[row], r, row);
	PQclear(r);
	return n;
}

void fleet_claims_close(struct fleet *f)
{
	PGresult *r;

	if (fleet_rows(f, &r, "close shellac_claims", NULL) == 0)
		PQclear(r);
}
