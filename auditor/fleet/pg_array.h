/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PG_ARRAY_H
#define SHELLAC_PG_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* An array as PostgreSQL reads it from a text, "{1,2}", of numbers or bytes: one parameter of
 * a question for as many values as there are. */
struct pg_array {
	char *text;
	size_t len, room;
	int error; /* -ENOMEM stays */
};

void pg_array_number(struct pg_array *a, int64_t v);
void pg_array_null(struct pg_array *a);
void pg_array_bytes(struct pg_array *a, const void *p, size_t len);

/* The whole, valid until the next value; NULL without memory. */
const char *pg_array_text(struct pg_array *a);
void pg_array_release(struct pg_array *a);

#endif
