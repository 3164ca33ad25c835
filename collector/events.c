/* SPDX-License-Identifier: ISC */
#include "events.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "events_internal.h"
#include "ledger.h"
#include "log.h"

#define ECS_VERSION "9.4.0"
#define FLUSH_AT (1024u * 1024) /* within a turn: more than this is not kept */

static void make_host(struct events *e)
{
	const struct collector *c = e->c;
	struct events_text t = {.p = e->host, .room = sizeof(e->host) - 1, .open = 1};

	events_text_begin(&t, "host", '{');
	events_text_string(&t, "name", c->host);
	events_text_hex(&t, "id", c->host_id, ID_SIZE);
	events_text_begin(&t, "boot", '{');
	events_text_hex(&t, "id", c->boot_id, BOOT_ID_SIZE);
	events_text_end(&t, '}');
	events_text_end(&t, '}');
	e->host[t.len] = '\0';
}

void events_new(struct collector *c)
{
	struct events *e = calloc(1, sizeof(*e));
	int r = e != NULL ? event_journal_open(&e->journal, c->store.dir) : -ENOMEM;

	if (r != 0) {
		log_error("the journal of events cannot be opened (%s); going on without events",
		    err_text(r));
		free(e);
		return;
	}
	e->c = c;
	e->active = plugin_set_active(&c->plugins) > 0;
	make_host(e);
	events_mark_open(e);
	e->next = e->journal.next;
	e->found_session = e->told.session;
	uid_names_init(&e->users, "/etc/passwd");
	if (events_args_new(&e->args) != 0)
		log_warn("no memory for the arguments of programs: events do not have them");
	c->events = e;
}

void events_free(struct events *e)
{
	if (e == NULL)
		return;
	events_flush(e);
	events_mark_close(e);
	event_journal_close(&e->journal);
	uid_names_release(&e->users);
	events_args_free(e->args);
	free(e->buf);
	free(e);
}

void events_plugins(struct events *e, int active)
{
	if (e == NULL)
		return;
	events_flush(e);
	e->active = active;
	if (active && e->told.session == 0)
		e->told.session = e->c->store.number + 1;
	if (active)
		events_mark_on(e);
	else
		events_mark_off(e);
}

void events_ready(struct collector *c)
{
	struct events *e = c->events;

	if (e == NULL) {
		ledger_fail(c->ledger, FAIL_EVENTS, -EIO, 0, "the journal cannot be opened");
		return;
	}
	if (e->error != 0) /* there was no ledger yet to say so */
		ledger_fail(c->ledger, FAIL_EVENTS, e->error, 0, "events are lost");
	if (e->active) {
		e->told.session = c->store.number + 1;
		events_mark_told(e);
	}
}

int events_active(const struct events *e)
{
	return e != NULL && e->active;
}

void events_watch(struct events *e, void (*fn)(void *arg, uint64_t newest), void *arg)
{
	if (e == NULL)
		return;
	e->watch = fn;
	e->watch_arg = arg;
	if (fn != NULL)
		fn(arg, e->journal.next - 1);
}

int events_dir(const struct events *e)
{
	return e != NULL ? e->journal.dir : -1;
}

void events_seen(struct events *e, uint64_t number)
{
	if (e == NULL || number < e->next || number >= INT64_MAX)
		return;
	events_flush(e);
	log_warn("the journal of events ends with %" PRIu64 ", and a plugin has seen %" PRIu64
	    ": its end was lost; the count goes on behind that", e->next - 1, number);
	event_journal_skip(&e->journal, number + 1);
	e->next = e->journal.next;
}

/* The ledger hears when it begins to fail, and when that is over.  What is made of these is
 * among the events that follow. */
static void said(struct events *e, int error, uint64_t count)
{
	int was = e->error;

	e->error = error;
	if (error != 0)
		e->lost += count;
	if (error != 0 && was == 0) {
		log_error("the journal of events cannot be written (%s): events are lost, and counted",
		    err_text(error));
		ledger_fail(e->c->ledger, FAIL_EVENTS, error, 0, "events are lost");
	} else if (error == 0 && was != 0) {
		log_info("the journal of events can be written again; %" PRIu64 " events were lost",
		    e->lost);
		ledger_fail(e->c->ledger, FAIL_EVENTS, 0, 0, "events are lost");
	}
}

void events_flush(struct events *e)
{
	uint64_t first;
	int r;

	if (e == NULL || e->len == 0)
		return;
	first = e->journal.next;
	events_mark_store(e);
	r = event_journal_append(&e->journal, e->buf, e->len, e->next);
	e->len = 0;
	if (r != 0)
		e->told.lost = e->journal.next - 1;
	events_mark_told(e);
	said(e, r, e->journal.next - first);
	if (r == 0 && e->watch != NULL)
		e->watch(e->watch_arg, e->journal.next - 1);
}

json_t *events_status(const struct events *e)
{
	if (e == NULL)
		return json_null();
	return json_pack("{s:I, s:I, s:s}", "newest", (json_int_t)(e->next - 1),
	    "lost", (json_int_t)e->lost, "error", e->error != 0 ? err_text(e->error) : "");
}

/* Room for one more line, of whatever length it may have. */
static int make_room(struct events *e)
{
	size_t room;
	char *p;

	if (e->len >= FLUSH_AT)
		events_flush(e);
	room = e->len + EVENT_JOURNAL_LINE;
	if (room <= e->room)
		return 0;
	room += room / 2;
	p = realloc(e->buf, room);
	if (p == NULL)
		return -ENOMEM;
	e->buf = p;
	e->room = room;
	return 0;
}

static void put_numbers(struct events *e, struct events_text *t, uint64_t number)
{
	char id[2 * ID_SIZE + 1 + 20 + 1];
	size_t len = 2 * ID_SIZE;

	events_text_number(t, "sequence", number);
	hex_put(id, e->c->host_id, ID_SIZE);
	snprintf(id + len, sizeof(id) - len, "-%" PRIu64, number);
	events_text_word(t, "id", id);
	events_text_word(t, "module", "shellac");
}

int events_begin_bare(struct events *e, struct event_made *m)
{
	int r;

	if (!events_active(e))
		return 0;
	r = make_room(e);
	m->number = e->next++;
	if (r != 0) {
		said(e, r, 1);
		return 0;
	}
	m->t = (struct events_text){.p = e->buf + e->len, .room = EVENT_JOURNAL_LINE - 1, .open = 1};
	events_text_raw(&m->t, "{", 1);
	events_text_begin(&m->t, "event", '{');
	put_numbers(e, &m->t, m->number);
	return 1;
}

static void put_list(struct events_text *t, const char *name, const char *word)
{
	events_text_begin(t, name, '[');
	events_text_word(t, NULL, word);
	events_text_end(t, ']');
}

int events_begin(struct events *e, struct event_made *m, const struct event_head *h)
{
	struct events_text *t = &m->t;

	if (!events_begin_bare(e, m))
		return 0;
	events_text_word(t, "dataset", h->dataset);
	events_text_word(t, "kind", h->kind);
	put_list(t, "category", h->category);
	put_list(t, "type", h->type);
	events_text_word(t, "action", h->action);
	if (h->outcome != NULL)
		events_text_word(t, "outcome", h->outcome);
	if (h->severity != 0)
		events_text_number(t, "severity", h->severity);
	return 1;
}

void events_head_end(struct events *e, struct event_made *m, int64_t wall_ns)
{
	struct events_text *t = &m->t;

	events_text_end(t, '}');
	events_text_date(t, "@timestamp", wall_ns != 0 ? wall_ns : clock_wall());
	events_text_raw(t, ",\"ecs\":{\"version\":\"" ECS_VERSION "\"},",
	    sizeof(",\"ecs\":{\"version\":\"" ECS_VERSION "\"},") - 1);
	events_text_raw(t, e->host, strlen(e->host));
}

int events_begin_plain(struct events *e, struct event_made *m, const struct event_head *h)
{
	if (!events_begin(e, m, h))
		return 0;
	events_head_end(e, m, 0);
	return 1;
}

void events_shellac(struct event_made *m)
{
	events_text_begin(&m->t, "shellac", '{');
	events_text_number(&m->t, "schema", EVENTS_SCHEMA);
}

void events_end(struct events *e, struct event_made *m)
{
	struct events_text *t = &m->t;

	if (t->cut)
		events_text_bool(t, "truncated", 1);
	events_text_raw(t, "}}\n", 3);
	if (t->full)
		said(e, E_RANGE, 1);
	else
		e->len += t->len;
}
