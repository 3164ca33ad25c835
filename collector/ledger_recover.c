/* SPDX-License-Identifier: ISC */
/* What an earlier collector did not live to say: the store's files tell. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "events.h"
#include "ledger_internal.h"
#include "ledger_session.h"
#include "log.h"
#include "notary.h"

#define HOLES_MAX 65536 /* numbers without a file, at most */

/* A file of the store that the ledger may have to hear of. */
struct found {
	struct session_name name;
	char day[STORE_DAY_MAX];
};

struct plan {
	struct ledger *l;
	const struct ledger_past *past;
	struct found *file;
	size_t files, file_room;
	struct entry *entry;
	size_t entries, entry_room;
	uint32_t opened, closed;
};

/* One more element of an array of size bytes each; NULL without memory. */
static void *grow(void **array, size_t used, size_t *room, size_t size)
{
	size_t more = *room != 0 ? 2 * *room : 16;
	void *p;

	if (used == *room) {
		p = reallocarray(*array, more, size);
		if (p == NULL)
			return NULL;
		*array = p;
		*room = more;
	}
	return (char *)*array + used * size;
}

static int look(void *arg, int dirfd, const char *day, const char *name)
{
	struct session_name s;
	struct plan *p = arg;
	struct found *f;
	void *array = p->file;

	(void)dirfd;
	if (store_name_parse(&s, name) != 0)
		return 0;
	if (s.n < p->l->next_n && !ledger_is_open(p->l, s.n))
		return 0;
	f = grow(&array, p->files, &p->file_room, sizeof(*f));
	p->file = array;
	if (f == NULL)
		return -ENOMEM;
	f->name = s;
	memcpy(f->day, day, strlen(day) + 1);
	p->files++;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->name.n < y->name.n ? -1 : x->name.n > y->name.n;
}

static int add(struct plan *p, const struct entry *e)
{
	void *array = p->entry;
	struct entry *new = grow(&array, p->entries, &p->entry_room, sizeof(*new));

	p->entry = array;
	if (new == NULL)
		return -ENOMEM;
	*new = *e;
	new->flags |= ENTRY_F_RECOVERED;
	p->entries++;
	if (e->type == ENTRY_OPEN)
		p->opened++;
	else
		p->closed++;
	return 0;
}

/* A session of which nothing is there: no certificate of it can have gone out, or what
 * went out is gone, and that is what shows. */
static int add_nothing(struct plan *p, uint64_t n, const uint8_t id[ID_SIZE])
{
	struct entry e = {.type = ENTRY_CLOSE};

	e.u.close.n = n;
	e.u.close.end = ENTRY_END_CUT;
	memcpy(e.u.close.id, id, ID_SIZE);
	hash_of(e.u.close.tail, "", 0);
	return add(p, &e);
}

static int add_hole(struct plan *p, uint64_t n)
{
	struct entry e = {.type = ENTRY_OPEN, .u.open.n = n};
	int r;

	log_error("session %" PRIu64 " has a number and no file", n);
	r = add(p, &e);
	return r != 0 ? r : add_nothing(p, n, e.u.open.id);
}

static int add_file(struct plan *p, const struct found *f)
{
	struct entry begin, end;
	int r, e;

	e = ledger_session_read(&p->l->c->store, f->day, &f->name, &p->l->c->keys, &begin,
	    &end);
	if (f->name.n >= p->l->next_n && (r = add(p, &begin)) != 0)
		return r;
	if (f->name.state == SESSION_LIVE)
		return 0;
	if (e == 0)
		return add(p, &end);
	log_error("session %" PRIu64 ": its end cannot be entered in the ledger: its file is not "
	    "as it should be (%s)", f->name.n, err_text(e));
	return 0;
}

/* Opened, and there is no file.  Only a power cut takes one that was never synced, and
 * then its certificate did not go out; there is no EPOCH since. */
static int add_missing(struct plan *p, const struct ledger_session *s)
{
	if (p->past->power_cut && s->n >= p->past->settled) {
		log_warn("session %" PRIu64 ": it had hardly begun when the power went; it has no "
		    "file", s->n);
		return add_nothing(p, s->n, s->id);
	}
	log_error("session %" PRIu64 " is open in the ledger and its file is missing", s->n);
	return 0;
}

/* The rows of the ledger's open sessions and the files, both in order of their number. */
static int plan_open(struct plan *p, size_t *at)
{
	const struct ledger_live *live = &p->l->live;
	size_t i;
	int r = 0;

	for (i = 0; i < live->used && r == 0; i++) {
		while (*at < p->files && p->file[*at].name.n < live->row[i].n)
			(*at)++;
		if (!live->row[i].open)
			continue;
		if (*at < p->files && p->file[*at].name.n == live->row[i].n)
			r = add_file(p, &p->file[*at]);
		else
			r = add_missing(p, &live->row[i]);
	}
	return r;
}

/* Numbers that the ledger does not know: each gets its OPEN. */
static int plan_new(struct plan *p, size_t at)
{
	uint64_t n = p->l->next_n, end = p->l->c->store.number;
	int r = 0;

	if (n == 0)
		return 0;
	if (p->files > 0 && p->file[p->files - 1].name.n > end)
		end = p->file[p->files - 1].name.n;
	if (end >= n && end - n >= HOLES_MAX + p->files)
		return E_RANGE;
	for (; n <= end && r == 0; n++) {
		while (at < p->files && p->file[at].name.n < n)
			at++;
		if (at < p->files && p->file[at].name.n == n)
			r = add_file(p, &p->file[at]);
		else
			r = add_hole(p, n);
	}
	return r;
}

static int make_plan(struct plan *p)
{
	size_t at = 0;
	int r;

	r = store_walk(&p->l->c->store, "", look, p);
	if (r != 0)
		return r;
	if (p->files > 0)
		qsort(p->file, p->files, sizeof(*p->file), by_number);
	r = plan_open(p, &at);
	return r != 0 ? r : plan_new(p, at);
}

static int add_recover(struct ledger *l, const struct plan *p, int new_key)
{
	struct entry e = {.type = ENTRY_RECOVER};
	int r;

	e.u.recover.torn = p->past->torn;
	e.u.recover.opened = p->opened;
	e.u.recover.closed = p->closed;
	e.u.recover.clean = p->past->clean != 0;
	if (!new_key)
		return ledger_append(l, &e);
	r = ledger_append_signed(l, &e);
	if (r != 0)
		return r;
	memcpy(l->epoch_pk, e.u.recover.epoch_pk, PK_SIZE);
	log_warn("the key of the ledger's epoch is lost: a new chain of keys begins");
	return 0;
}

/* 1, 0, or an error that leaves it open. */
static int has_key(const struct ledger *l)
{
	int r = notary_epoch_key(l->c->notary, l->epoch_pk);

	return r == 0 ? 1 : r == E_KEY ? 0 : r;
}

int ledger_epoch_key(struct ledger *l)
{
	const struct ledger_past past = {.clean = 1};
	const struct plan p = {.past = &past};

	int has = has_key(l);

	return has == 0 ? add_recover(l, &p, 1) : has < 0 ? has : 0;
}

int ledger_recover(struct ledger *l, const struct ledger_past *past)
{
	struct plan p = {.l = l, .past = past};
	int has = has_key(l), new_key = has == 0, r;
	size_t i;

	for (i = 0; i < past->finds; i++)
		events_entry(l->c->events, &past->found[i]);
	r = has < 0 ? has : make_plan(&p);
	if (r == 0 && (!past->clean || past->torn > 0 || p.entries > 0 || new_key))
		r = add_recover(l, &p, new_key);
	for (i = 0; i < p.entries && r == 0; i++)
		r = ledger_append(l, &p.entry[i]);
	free(p.file);
	free(p.entry);
	return r;
}
