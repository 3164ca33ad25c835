/* SPDX-License-Identifier: ISC */
#include "timeline/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "clock.h"

static int is_asked_for(const struct timeline *t, const struct timeline_row *r)
{
	return r->wall_ns >= t->since_ns && r->wall_ns <= t->until_ns &&
	    (t->only == NULL || expression_test(t->only, r));
}

static void release_row(struct timeline_row *r)
{
	free((void *)(uintptr_t)r->source);
	free((void *)(uintptr_t)r->user);
	free((void *)(uintptr_t)r->text);
	free((void *)(uintptr_t)r->json);
}

void timeline_add(struct timeline *t, const struct timeline_row *r)
{
	struct timeline_row *to;
	int error;

	if (t->error != 0 || !is_asked_for(t, r))
		return;
	if ((error = array_room(&t->row, t->rows, &t->room, sizeof *t->row)) != 0) {
		t->error = error;
		return;
	}
	to = &t->row[t->rows];
	*to = *r;
	to->source = strdup(r->source);
	to->user = strdup(r->user != NULL ? r->user : "");
	to->text = strdup(r->text);
	to->json = r->json != NULL ? strndup(r->json, r->json_len) : NULL;
	to->order = t->rows++;
	if (to->source == NULL || to->user == NULL || to->text == NULL ||
	    (r->json != NULL && to->json == NULL))
		t->error = -ENOMEM;
}

static int by_time(const void *a, const void *b)
{
	const struct timeline_row *x = a, *y = b;

	if (x->wall_ns != y->wall_ns)
		return x->wall_ns < y->wall_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void timeline_sort(struct timeline *t)
{
	if (t->rows > 0)
		qsort(t->row, t->rows, sizeof *t->row, by_time);
}

void timeline_release(struct timeline *t)
{
	for (size_t i = 0; i < t->rows; i++)
		release_row(&t->row[i]);
	free(t->row);
	free(t->begin);
	expression_free(t->only);
}

void timeline_see_replay(struct timeline_row *r)
{
	char date[CLOCK_RFC3339_SIZE];

	clock_rfc3339(date, r->wall_ns);
	snprintf(r->see, sizeof r->see, "shellac replay --at %.23sZ %llu", date,
	    (unsigned long long)r->session);
}
