/* SPDX-License-Identifier: ISC */
#include "rows.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "utf8.h"

#define HEADER 20 /* dimensions, nulls?, type, elements, lower bound: 32 bits each */
#define EPOCH_2000_S INT64_C(946684800)

/* src/include/catalog/pg_type.dat; they never change */
static const struct {
	uint32_t oid;
	const char *name;
} types[] = {
	[COLUMN_INT2] = {21, "int2[]"}, [COLUMN_INT4] = {23, "int4[]"}, [COLUMN_INT8] = {20, "int8[]"},
	[COLUMN_FLOAT8] = {701, "float8[]"}, [COLUMN_BYTEA] = {17, "bytea[]"},
	[COLUMN_TEXT] = {25, "text[]"}, [COLUMN_DATE] = {1082, "date[]"},
	[COLUMN_TIME] = {1184, "timestamptz[]"},
};

static void put_be32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

void rows_clear(struct rows *r)
{
	unsigned i;

	for (i = 0; i < r->columns; i++) {
		r->column[i].len = HEADER;
		r->column[i].nulls = 0;
	}
	r->rows = r->at = 0;
	r->bytes = 0;
}

void rows_init(struct rows *r, const enum column_type *type)
{
	*r = (struct rows){.type = type};
	while (type[r->columns] != COLUMN_END)
		r->columns++;
	assert(r->columns <= ROWS_COLUMNS_MAX);
	rows_clear(r);
}

void rows_free(struct rows *r)
{
	unsigned i;

	for (i = 0; i < r->columns; i++)
		free(r->column[i].p);
}

/* Room for len bytes more, behind its length; NULL without memory. */
static uint8_t *next(struct rows *r, uint32_t said, size_t len)
{
	struct column *c = &r->column[r->at];
	size_t need = c->len + 4 + len, room = c->room < 1024 ? 1024 : c->room;
	uint8_t *p;

	assert(r->at < r->columns);
	while (room < need)
		room *= 2;
	if (r->error == 0 && room > c->room) {
		p = realloc(c->p, room);
		if (p == NULL)
			r->error = -ENOMEM;
		else
			c->p = p;
		c->room = p != NULL ? room : c->room;
	}
	if (++r->at == r->columns) {
		r->at = 0;
		r->rows++;
	}
	if (r->error != 0)
		return NULL;
	p = c->p + c->len;
	put_be32(p, said);
	c->len = need;
	r->bytes += 4 + len;
	return p + 4;
}

void rows_null(struct rows *r)
{
	r->column[r->at].nulls = 1;
	next(r, UINT32_MAX, 0);
}

void rows_bytes(struct rows *r, const void *p, size_t len)
{
	uint8_t *to = next(r, (uint32_t)len, len);

	if (to != NULL)
		memcpy(to, p, len);
}

void rows_int(struct rows *r, int64_t v)
{
	static const size_t size[] = {[COLUMN_INT2] = 2, [COLUMN_INT4] = 4, [COLUMN_DATE] = 4};
	enum column_type t = r->type[r->at];
	size_t len = t == COLUMN_INT2 || t == COLUMN_INT4 || t == COLUMN_DATE ? size[t] : 8;
	uint64_t be = htobe64((uint64_t)v);

	rows_bytes(r, (uint8_t *)&be + sizeof(be) - len, len);
}

void rows_float(struct rows *r, double v)
{
	uint64_t be;

	memcpy(&be, &v, sizeof(be));
	be = htobe64(be);
	rows_bytes(r, &be, sizeof(be));
}

void rows_utf8(struct rows *r, const char *s)
{
	if (s == NULL || *s == '\0')
		rows_null(r);
	else
		rows_bytes(r, s, strlen(s));
}

void rows_text(struct rows *r, const char *s)
{
	char *text = s != NULL && *s != '\0' ? utf8_from_bytes((const uint8_t *)s, strlen(s)) : NULL;

	rows_utf8(r, text);
	free(text);
}

int64_t rows_timestamp(int64_t wall_ns)
{
	return wall_ns / 1000 - EPOCH_2000_S * 1000000;
}

void rows_time(struct rows *r, int64_t wall_ns)
{
	if (wall_ns == 0)
		rows_null(r);
	else
		rows_int(r, rows_timestamp(wall_ns));
}

int32_t rows_date(const char *day)
{
	struct tm tm = {0};

	if (sscanf(day, "%d/%d/%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (int32_t)((timegm(&tm) - EPOCH_2000_S) / 86400);
}

void rows_day(struct rows *r, const char *day)
{
	rows_int(r, rows_date(day));
}

void rows_params(struct rows *r, const char *value[], int length[])
{
	unsigned i;

	assert(r->at == 0 && r->error == 0);
	for (i = 0; i < r->columns; i++) {
		struct column *c = &r->column[i];

		put_be32(c->p, 1);
		put_be32(c->p + 4, (uint32_t)c->nulls);
		put_be32(c->p + 8, types[r->type[i]].oid);
		put_be32(c->p + 12, r->rows);
		put_be32(c->p + 16, 1);
		value[i] = (const char *)c->p;
		length[i] = (int)c->len;
	}
}

const char *rows_type_name(enum column_type t)
{
	return types[t].name;
}
