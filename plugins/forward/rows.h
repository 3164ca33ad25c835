/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_ROWS_H
#define SHELLAC_FORWARD_ROWS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Rows as arrays, one a column, in PostgreSQL's binary format of one-dimensional arrays
 * (array_recv): one statement takes many rows.
 */
enum column_type { COLUMN_END, COLUMN_INT2, COLUMN_INT4, COLUMN_INT8, COLUMN_FLOAT8, COLUMN_BYTEA,
	COLUMN_TEXT, COLUMN_DATE, COLUMN_TIME };
#define ROWS_COLUMNS_MAX 28

struct column {
	uint8_t *p;
	size_t len, room;
	int nulls;
};

struct rows {
	const enum column_type *type; /* ended by COLUMN_END; the caller's */
	unsigned columns, rows;
	unsigned at;                  /* the column that is next */
	size_t bytes;                 /* of all columns */
	int error;                    /* -ENOMEM: it stays */
	struct column column[ROWS_COLUMNS_MAX];
};

void rows_init(struct rows *r, const enum column_type *type);
void rows_free(struct rows *r);
/* No rows; the memory stays. */
void rows_clear(struct rows *r);

/* The next value of the row, in the order of columns; after the last, the row is whole. */
void rows_int(struct rows *r, int64_t v);     /* INT2 to INT8 */
void rows_float(struct rows *r, double v);
void rows_bytes(struct rows *r, const void *p, size_t len);
/* Any bytes up to a zero, made UTF-8; NULL and "" are null. */
void rows_text(struct rows *r, const char *s);
void rows_utf8(struct rows *r, const char *s); /* that are it already */
void rows_time(struct rows *r, int64_t wall_ns); /* 0: null */
void rows_day(struct rows *r, const char *day);  /* "yyyy/mm/dd" */
void rows_null(struct rows *r);

/* The parameters of a statement with these columns: arrays, valid until the next change. */
void rows_params(struct rows *r, const char *value[], int length[]);
/* "int8[]", ...: of column i, for a cast. */
const char *rows_type_name(enum column_type t);

/* Days since 2000-01-01, as a date is sent; and microseconds since then, as a time is. */
int32_t rows_date(const char *day);
int64_t rows_timestamp(int64_t wall_ns);

#endif
