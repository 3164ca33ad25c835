/* SPDX-License-Identifier: ISC */
#include "fleet/pg_array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define FIRST_ROOM 256
#define NUMBER_TEXT 24

/* Room for len chars, a comma and the end. */
static char *room(struct pg_array *a, size_t len)
{
	size_t want = a->len + len + 4, size = a->room > 0 ? a->room : FIRST_ROOM;
	char *p;

	while (size < want)
		size *= 2;
	if (a->error == 0 && size > a->room) {
		p = realloc(a->text, size);
		if (p == NULL) {
			a->error = -ENOMEM;
			return NULL;
		}
		a->text = p;
		a->room = size;
	}
	if (a->error != 0)
		return NULL;
	a->text[a->len] = a->len == 0 ? '{' : ',';
	return a->text + ++a->len;
}

static void add(struct pg_array *a, const char *text)
{
	size_t len = strlen(text);
	char *p = room(a, len);

	if (p == NULL)
		return;
	memcpy(p, text, len);
	a->len += len;
}

void pg_array_number(struct pg_array *a, int64_t v)
{
	char text[NUMBER_TEXT];

	snprintf(text, sizeof text, "%lld", (long long)v);
	add(a, text);
}

void pg_array_null(struct pg_array *a)
{
	add(a, "NULL");
}

/* "\\x0aff", the backslash once more since it stands in quotation marks */
void pg_array_bytes(struct pg_array *a, const void *bytes, size_t len)
{
	char *p = room(a, 2 * len + 6);

	if (p == NULL)
		return;
	memcpy(p, "\"\\\\x", 4);
	hex_put(p + 4, bytes, len);
	p[4 + 2 * len] = '"';
	a->len += 2 * len + 5;
}

const char *pg_array_text(struct pg_array *a)
{
	if (a->len == 0 && room(a, 0) == NULL)
		return NULL;
	if (a->error != 0)
		return NULL;
	a->text[a->len] = '}';
	a->text[a->len + 1] = '\0';
	return a->text;
}

void pg_array_release(struct pg_array *a)
{
	free(a->text);
	*a = (struct pg_array){ .text = NULL };
}
