/* SPDX-License-Identifier: ISC */
#include "sender.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../fleet/db.h"
#include "array.h"
#include "clock.h"
#include "sender_internal.h"

#define TRANSACTION_NS UINT64_C(200000000) /* one lasts no longer, while there is more */

int sender_new(struct sender **out, const char *conninfo, struct cursor *cursor, int stop)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->data = malloc(SENDER_DATA)) == NULL) {
		free(s);
		return -ENOMEM;
	}
	s->conninfo = conninfo;
	s->cursor = cursor;
	s->stop = stop;
	rows_init(&s->sessions, session_columns);
	rows_init(&s->chunks, chunk_columns);
	rows_init(&s->processes, process_columns);
	*out = s;
	return 0;
}

void sender_close(struct sender *s)
{
	PQfinish(s->c);
	s->c = NULL;
	rows_clear(&s->sessions);
	rows_clear(&s->chunks);
	rows_clear(&s->processes);
	s->data_len = s->open_bytes = 0;
	s->open_rows = s->open_evidence = 0;
	s->first = s->used = s->marks = s->marked = s->flight = s->days = 0;
	s->open = 0;
}

void sender_free(struct sender *s)
{
	if (s == NULL)
		return;
	sender_close(s);
	rows_free(&s->sessions);
	rows_free(&s->chunks);
	rows_free(&s->processes);
	free(s->data);
	free(s->due);
	free(s->mark);
	free(s->day);
	free(s);
}

int sender_connect(struct sender *s)
{
	int r;

	if (s->c != NULL)
		return 0;
	s->why[0] = '\0';
	r = fleet_connect(&s->c, s->conninfo, "shellac-forward", 1, s->why, sizeof(s->why));
	if (r == 0 && (r = pipe_start(s)) != 0)
		sender_close(s);
	return r;
}

const char *sender_store(const struct sender *s)
{
	return s->store;
}

const char *sender_place(const struct sender *s)
{
	return s->place;
}

const char *sender_why(const struct sender *s)
{
	return s->why;
}

const struct sender_counts *sender_counts(const struct sender *s)
{
	return &s->counts;
}

int sender_mark(struct sender *s, const struct cursor_mark *m)
{
	if (array_room(&s->mark, s->marks, &s->mark_room, sizeof(*s->mark)) != 0)
		return -ENOMEM;
	s->mark[s->marks++] = *m;
	s->marked++;
	return 0;
}

int sender_due(const struct sender *s)
{
	return s->open && (s->open_bytes >= SENDER_TRANSACTION ||
	    clock_boot() - s->open_ns >= TRANSACTION_NS);
}

int sender_finish(struct sender *s)
{
	int r;

	s->stopping = 1;
	r = sender_commit(s);
	if (r == 0)
		r = pipe_wait(s, 0);
	s->stopping = 0;
	return r;
}
