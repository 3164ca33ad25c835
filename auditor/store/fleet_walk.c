/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "frame.h"
#include "store/fleet_query.h"
#include "store/fleet_store_internal.h"
#include "store/store_walk.h"

#define CERT_ID 16    /* where the body of CERT has the session's id */
#define SESSION_AT 19 /* ... and "session/2026/11/22/" its file's name */

static int add(struct store *s, const struct store_session *e)
{
	int r = array_room(&s->session, s->sessions, &s->session_room, sizeof *s->session);

	if (r == 0)
		s->session[s->sessions++] = *e;
	return r;
}

static enum session_state state_of(const char *word)
{
	return strcmp(word, "live") == 0 ? SESSION_LIVE :
	    strcmp(word, "cut") == 0 ? SESSION_CUT : SESSION_CLOSED;
}

static int take_row(void *arg, const PGresult *r, int row)
{
	struct store *s = arg;
	struct store_session e = { .name.n = (uint64_t)fleet_number(r, row, 0),
		.name.state = state_of(fleet_text(r, row, 3)) };
	size_t len;
	const uint8_t *id = fleet_bytes(r, row, 1, &len);

	if (len == ID_SIZE)
		memcpy(e.name.id, id, ID_SIZE);
	snprintf(e.day, sizeof e.day, "%s", fleet_text(r, row, 2));
	return add(s, &e);
}

static int by_rows(struct store *s)
{
	struct fleet_ask a = { .count = 0 };
	struct fleet_narrow_text text;

	fleet_ask_host(&a);
	fleet_narrow_ask(&a, s->fleet->narrow, &text);
	return fleet_each_of(s->fleet->fleet, s->fleet->host, "select n, id,"
	    " to_char(day, 'YYYY/MM/DD'), state from shellac.session where host = w.host"
	    " and dropped is null" FLEET_NARROW_SQL, &a, take_row, s);
}

static struct store_session *row_of(const struct store *s, uint64_t n)
{
	size_t i = store_first(s, n);

	return i < s->sessions && s->session[i].name.n == n ? &s->session[i] : NULL;
}

static int take_path(void *arg, const PGresult *r, int row)
{
	const struct store *s = arg;
	const char *path = fleet_text(r, row, 0);
	struct store_session *e;
	struct session_name name;

	if (strlen(path) < SESSION_AT || store_name_parse(&name, path + SESSION_AT) != 0)
		return 0;
	e = row_of(s, name.n);
	if (e != NULL)
		e->name.state = name.state;
	return 0;
}

/* A file of a session that was forwarded whole says by its name how the session ended. */
static int by_files(struct store *s)
{
	struct fleet_ask a = { .count = 0 };

	fleet_ask_host(&a);
	return fleet_each_of(s->fleet->fleet, s->fleet->host, "select path from shellac.stream"
	    " where host = w.host and kind = 4 and gone is null and starts_with(path, 'session/')",
	    &a, take_path, s);
}

/* The sessions that pieces are of, n and day, in their order. */
struct groups {
	struct group {
		uint64_t n;
		char day[STORE_DAY_MAX];
	} *group;
	size_t count, room;
};

static int take_group(void *arg, const PGresult *r, int row)
{
	struct groups *g = arg;
	int e = array_room(&g->group, g->count, &g->room, sizeof *g->group);

	if (e != 0)
		return e;
	g->group[g->count].n = (uint64_t)fleet_number(r, row, 0);
	snprintf(g->group[g->count++].day, STORE_DAY_MAX, "%s", fleet_text(r, row, 1));
	return 0;
}

/* What the first chunk says; zeros where it is not there. */
static int read_id(struct store *s, struct store_session *e)
{
	struct fleet_ask a = { .count = 0 };
	const uint8_t *p;
	PGresult *r;
	size_t len;
	int x;

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	fleet_ask_number(&a, (int64_t)e->name.n);
	x = fleet_rows(s->fleet->fleet, &r, "select substr(data, 1, 64) from shellac.piece"
	    " where host = $1 and kind = 1 and n = $2 and seq = 0", &a);
	if (x != 0)
		return x;
	if (PQntuples(r) > 0) {
		p = fleet_bytes(r, 0, 0, &len);
		if (len >= FRAME_HEADER + CERT_ID + ID_SIZE && p[1] == FRAME_CERT)
			memcpy(e->name.id, p + FRAME_HEADER + CERT_ID, ID_SIZE);
	}
	PQclear(r);
	return 0;
}

static int add_group(struct store *s, const struct group *g)
{
	struct fleet_fault x = { .n = g->n, .chunk = -1 };
	struct store_session e = { .name.n = g->n, .name.state = SESSION_CLOSED };
	int r;

	snprintf(e.day, sizeof e.day, "%s", g->day);
	snprintf(x.text, sizeof x.text, "the fleet's list of sessions does not have it");
	fleet_store_fault(s->fleet, &x);
	if ((r = read_id(s, &e)) != 0)
		return r;
	return add(s, &e);
}

static int is_same(const struct store_session *e, const struct group *g)
{
	return e->name.n == g->n && strcmp(e->day, g->day) == 0;
}

static int take_dropped(void *arg, const PGresult *r, int row)
{
	struct fleet_store *fs = arg;
	int e = array_room(&fs->dropped, fs->drops, &fs->drop_room, sizeof *fs->dropped);

	if (e == 0)
		fs->dropped[fs->drops++] = (uint64_t)fleet_number(r, row, 0);
	return e;
}

static int by_policy(struct store *s)
{
	struct fleet_ask a = { .count = 0 };

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	return fleet_each(s->fleet->fleet, "select n from shellac.session where host = $1"
	    " and dropped is not null order by n", &a, take_dropped, s->fleet);
}

/* Rows without a piece stay: what is read of them is then an empty file. */
static int by_pieces(struct store *s)
{
	struct fleet_ask a = { .count = 0 };
	struct groups g = { .count = 0 };
	size_t rows = s->sessions, i, at = 0;
	int r;

	fleet_ask_bytes(&a, s->fleet->host->id, ID_SIZE);
	r = fleet_each(s->fleet->fleet, "select n, to_char(day, 'YYYY/MM/DD') from shellac.piece"
	    " where host = $1 and kind = 1 group by n, day order by n, day", &a, take_group, &g);
	for (i = 0; i < g.count && r == 0; i++) {
		while (at < rows && s->session[at].name.n < g.group[i].n)
			at++;
		if (at == rows || !is_same(&s->session[at], &g.group[i]))
			r = add_group(s, &g.group[i]);
	}
	free(g.group);
	return r;
}

int fleet_store_walk(struct store *s)
{
	int r = 0;

	fleet_store_forget(s->fleet);
	if (s->fleet->walked)
		r = fleet_refresh(s->fleet->fleet);
	s->fleet->walked = 1;
	if (r == 0)
		r = by_rows(s);
	store_put_in_order(s);
	if (r == 0)
		r = by_files(s);
	if (r == 0 && s->fleet->by_pieces && (r = by_pieces(s)) == 0)
		r = by_policy(s);
	store_put_in_order(s);
	return r;
}
