/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../fleet/db.h"
#include "array.h"
#include "sender_internal.h"

/* "{4,7}", the sessions behind the cursor's line that are done.  The caller's; NULL without
 * memory. */
static char *done_text(const struct cursor *c)
{
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);
	const char *between = "";

	if (f == NULL)
		return NULL;
	putc('{', f);
	for (i = 0; i < c->used; i++)
		if (c->at[i].done) {
			fprintf(f, "%s%" PRIu64, between, c->at[i].n);
			between = ",";
		}
	putc('}', f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* The numbers of such an array, in order, into *out, which the caller frees. */
static int read_numbers(uint64_t **out, size_t *count, const char *text)
{
	uint64_t *n = NULL;
	size_t room = 0, used = 0;
	char *end;

	while (*text == '{' || *text == ',') {
		if (text[1] < '0' || text[1] > '9')
			break;
		if (array_room(&n, used, &room, sizeof(*n)) != 0) {
			free(n);
			return -ENOMEM;
		}
		n[used] = strtoull(text + 1, &end, 10);
		if (used > 0 && n[used] <= n[used - 1])
			break; /* no server says that; what was read is sent */
		used++;
		text = end;
	}
	*out = n;
	*count = used;
	return 0;
}

static uint64_t number(const PGresult *r, int column)
{
	return strtoull(PQgetvalue(r, 0, column), NULL, 10);
}

static int take_lacks(struct cursor *c, const PGresult *r, struct sender_lacks *lacks)
{
	uint64_t *n = NULL;
	int e = read_numbers(&n, &lacks->sessions, PQgetvalue(r, 0, 0));

	if (e == 0)
		e = cursor_lacks(c, n, lacks->sessions);
	free(n);
	lacks->files = cursor_shorten(c, number(r, 1), number(r, 2), number(r, 3));
	return e;
}

int sender_compare(struct sender *s, struct sender_lacks *lacks)
{
	char below[24], why[512], *done = done_text(s->cursor);
	const char *const value[] = {below, done};
	PGresult *r;
	int e;

	*lacks = (struct sender_lacks){0};
	if (done == NULL)
		return -ENOMEM;
	snprintf(below, sizeof(below), "%" PRIu64, s->cursor->below);
	e = fleet_query(s->c, &r, "select sessions, ledger, segment, segment_length from "
	    "shellac.lacking($1::int8, $2::int8[])", 2, value);
	free(done);
	if (e != 0)
		return pipe_fail(s, fleet_why(why, sizeof(why), s->c, NULL));
	if (PQntuples(r) == 1)
		e = take_lacks(s->cursor, r, lacks);
	PQclear(r);
	return e;
}
