/* SPDX-License-Identifier: ISC */
#include "coverage/coverage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "process_record.h"
#include "tty_name.h"

void cover_release(struct cover *c)
{
	free(c->row);
	free(c->closed);
	free(c->leaf);
}

struct cover_row *cover_add(struct cover *c, enum cover_kind kind)
{
	struct cover_row *r;

	if (array_room(&c->row, c->rows, &c->room, sizeof *c->row) != 0)
		return NULL;
	r = &c->row[c->rows++];
	memset(r, 0, sizeof *r);
	r->kind = kind;
	return r;
}

static int is_wanted(const struct cover *c, const struct cover_row *r)
{
	return r->from_ns <= c->until_ns && (!r->ended || r->to_ns >= c->since_ns);
}

static void name(struct cover_row *r, struct users *users)
{
	const char *user = users_name(users, r->uid);
	char tty[TTY_NAME_SIZE];

	if (r->kind == COVER_SESSION || r->kind == COVER_GAP)
		return;
	if (user != NULL)
		snprintf(r->user, sizeof r->user, "%.255s", user);
	else
		snprintf(r->user, sizeof r->user, "%lu", (unsigned long)r->uid);
	if (r->tty_dev != 0 && tty_name(tty, r->tty_dev >> 20, r->tty_dev & 0xfffff) == 0)
		snprintf(r->tty, sizeof r->tty, "%s", tty);
	else if (r->tty_dev != 0)
		snprintf(r->tty, sizeof r->tty, "%lu:%lu", (unsigned long)r->tty_dev >> 20,
		    (unsigned long)r->tty_dev & 0xfffff);
	snprintf(r->from, sizeof r->from, "%s", process_origin_name(r->origin));
}

static int compare(const void *a, const void *b)
{
	const struct cover_row *x = a, *y = b;

	if (x->from_ns != y->from_ns)
		return x->from_ns < y->from_ns ? -1 : 1;
	if (x->host != y->host)
		return strcmp(x->host, y->host);
	return x->n < y->n ? -1 : x->n > y->n;
}

void cover_finish(struct cover *c, struct users *users)
{
	size_t i, kept = 0;

	for (i = 0; i < c->rows; i++) {
		if (!is_wanted(c, &c->row[i]))
			continue;
		name(&c->row[i], users);
		if (kept != i)
			c->row[kept] = c->row[i];
		kept++;
	}
	c->rows = kept;
	if (kept > 0)
		qsort(c->row, kept, sizeof *c->row, compare);
}

int cover_join(struct cover *to, const struct cover *from, const char *name)
{
	size_t i;

	for (i = 0; i < from->rows; i++) {
		struct cover_row *r = cover_add(to, from->row[i].kind);

		if (r == NULL)
			return -ENOMEM;
		*r = from->row[i];
		r->host = name;
	}
	to->seen |= from->seen;
	if (to->rows > 1)
		qsort(to->row, to->rows, sizeof *to->row, compare);
	return 0;
}

struct cover_count cover_count(const struct cover *c)
{
	struct cover_count n = { 0 };
	size_t i;

	for (i = 0; i < c->rows; i++) {
		const struct cover_row *r = &c->row[i];

		n.sessions += r->kind == COVER_SESSION;
		n.unrecorded += r->kind == COVER_UNRECORDED;
		n.lead_ins += r->kind == COVER_LEAD_IN;
		n.gaps += r->kind == COVER_GAP;
		n.live += r->kind == COVER_UNRECORDED && r->live;
	}
	return n;
}
