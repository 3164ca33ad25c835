/* SPDX-License-Identifier: ISC */
#include "store/fleet_query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/fleet_internal.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_DATE 1082
#define OID_DATES 1182

static int next(struct fleet_ask *a, Oid type, int format)
{
	int i = a->count++;

	a->type[i] = type;
	a->format[i] = format;
	return i;
}

void fleet_ask_number(struct fleet_ask *a, int64_t v)
{
	int i = next(a, OID_INT8, 1), b;

	for (b = 0; b < 8; b++)
		a->number[i][b] = (uint8_t)((uint64_t)v >> (56 - 8 * b));
	a->value[i] = (const char *)a->number[i];
	a->len[i] = 8;
}

void fleet_ask_text(struct fleet_ask *a, const char *s)
{
	a->value[next(a, OID_TEXT, 0)] = s;
}

void fleet_ask_day(struct fleet_ask *a, const char *s)
{
	a->value[next(a, OID_DATE, 0)] = s;
}

void fleet_ask_days(struct fleet_ask *a, const char *s)
{
	a->value[next(a, OID_DATES, 0)] = s;
}

void fleet_ask_host(struct fleet_ask *a)
{
	fleet_ask_text(a, NULL);
}

void fleet_ask_bytes(struct fleet_ask *a, const void *p, size_t len)
{
	int i = next(a, OID_BYTEA, 1);

	a->value[i] = p;
	a->len[i] = (int)len;
}

#define SECOND_NS INT64_C(1000000000)
#define MS_NS INT64_C(1000000)
#define FIRST_NS (-INT64_C(6000000000) * SECOND_NS)
#define LAST_NS (INT64_C(9000000000) * SECOND_NS)

const char *fleet_time(char out[FLEET_TIME_TEXT], int64_t ns)
{
	if (ns <= FIRST_NS || ns >= LAST_NS)
		return NULL;
	if (ns < 0)
		snprintf(out, FLEET_TIME_TEXT, "%lld", (long long)(ns / SECOND_NS - 1));
	else
		snprintf(out, FLEET_TIME_TEXT, "%lld.%03lld", (long long)(ns / SECOND_NS),
		    (long long)(ns % SECOND_NS / MS_NS));
	return out;
}

/* Lines and blanks at the end are one line's. */
void fleet_say(char why[FLEET_WHY], const char *text)
{
	size_t i, len;

	snprintf(why, FLEET_WHY, "%s", text);
	len = strlen(why);
	while (len > 0 && strchr("\n\t ", why[len - 1]) != NULL)
		why[--len] = '\0';
	for (i = 0; i < len; i++)
		if (why[i] == '\n' || why[i] == '\t')
			why[i] = ' ';
}

/* Notes why a question failed: r's reason, or where that is NULL the connection's.  -EIO. */
static int failed(struct fleet *f, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (f->why[0] == '\0')
		fleet_say(f->why, r != NULL ? PQresultErrorMessage(r) : PQerrorMessage(f->pg));
	snprintf(f->state, sizeof f->state, "%s", state != NULL ? state : "");
	return -EIO;
}

int fleet_rows(struct fleet *f, PGresult **out, const char *sql, const struct fleet_ask *a)
{
	static const struct fleet_ask none;
	PGresult *r;
	int e = 0;

	if (a == NULL)
		a = &none;
	pthread_mutex_lock(&f->lock);
	r = PQexecParams(f->pg, sql, a->count, a->type, a->value, a->len, a->format, 1);
	if (r == NULL)
		e = -ENOMEM;
	else if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
		*out = r;
	else
		e = failed(f, r);
	pthread_mutex_unlock(&f->lock);
	if (e != 0)
		PQclear(r);
	return e;
}

static int each_row(struct fleet *f, const char *sql, const struct fleet_ask *a,
    fleet_take *take, void *arg)
{
	PGresult *r;
	int e = 0;

	if (PQsendQueryParams(f->pg, sql, a->count, a->type, a->value, a->len, a->format, 1) != 1)
		return failed(f, NULL);
	(void)PQsetSingleRowMode(f->pg);
	/* to the last one, whatever came between: the connection is free only then */
	while ((r = PQgetResult(f->pg)) != NULL) {
		if (e == 0 && PQresultStatus(r) == PGRES_SINGLE_TUPLE)
			e = take(arg, r, 0);
		else if (e == 0 && PQresultStatus(r) != PGRES_TUPLES_OK)
			e = failed(f, r);
		PQclear(r);
	}
	return e;
}

int fleet_each(struct fleet *f, const char *sql, const struct fleet_ask *a, fleet_take *take,
    void *arg)
{
	int r;

	pthread_mutex_lock(&f->lock);
	r = each_row(f, sql, a, take, arg);
	pthread_mutex_unlock(&f->lock);
	return r;
}

int64_t fleet_number(const PGresult *r, int row, int col)
{
	const uint8_t *p = (const uint8_t *)PQgetvalue(r, row, col);
	uint64_t v = 0;
	int i;

	if (PQgetlength(r, row, col) != 8)
		return 0;
	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

const uint8_t *fleet_bytes(const PGresult *r, int row, int col, size_t *len)
{
	*len = (size_t)PQgetlength(r, row, col);
	return (const uint8_t *)PQgetvalue(r, row, col);
}

const char *fleet_text(const PGresult *r, int row, int col)
{
	return PQgetvalue(r, row, col); /* libpq ends every value with a zero */
}
