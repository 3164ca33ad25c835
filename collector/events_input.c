/* SPDX-License-Identifier: ISC */
/* What input plugins bring. */
#include "events_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "events_internal.h"
#include "log.h"
#include "processes.h"

#define DUMP (JSON_COMPACT | JSON_ENSURE_ASCII)

static void put_json(struct events_text *t, const char *key, const json_t *v)
{
	char *text = json_dumps(v, DUMP | JSON_ENCODE_ANY);

	if (text == NULL) {
		t->full = 1;
		return;
	}
	events_text_name(t, key);
	events_text_raw(t, text, strlen(text));
	free(text);
}

/* The members of an object, into the one that is being written. */
static void put_members(struct events_text *t, json_t *object)
{
	const char *key;
	json_t *v;

	json_object_foreach(object, key, v)
		put_json(t, key, v);
}

static void put_defaults(struct events_text *t, const json_t *event)
{
	if (json_object_get(event, "kind") == NULL)
		events_text_word(t, "kind", "event");
	if (json_object_get(event, "action") == NULL)
		events_text_word(t, "action", "input");
	events_text_word(t, "dataset", "shellac.input");
}

/* known loses what it has below event and shellac. */
static void make(struct events *e, const char *plugin, json_t *known, const json_t *other)
{
	json_t *event = json_incref(json_object_get(known, "event"));
	json_t *ours = json_incref(json_object_get(known, "shellac"));
	struct event_made m;

	json_object_del(known, "event");
	json_object_del(known, "shellac");
	if (events_begin_bare(e, &m)) {
		put_defaults(&m.t, event);
		put_members(&m.t, event);
		events_head_end(e, &m, 0);
		put_members(&m.t, known);
		events_shellac(&m);
		events_text_string(&m.t, "source", plugin);
		put_members(&m.t, ours);
		if (json_object_size(other) > 0) {
			events_text_begin(&m.t, "input", '{');
			put_json(&m.t, "data", other);
			events_text_end(&m.t, '}');
		}
		events_end(e, &m);
	}
	json_decref(event);
	json_decref(ours);
}

int events_input(struct events *e, const char *plugin, const char *json, size_t len)
{
	json_t *object, *known, *other;
	json_error_t error;
	int r;

	if (e == NULL)
		return 0;
	if (len > EVENTS_INPUT_MAX)
		return E_RANGE;
	object = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(object)) {
		json_decref(object);
		return E_FORMAT;
	}
	/* first what it is an event of: the record that the ledger vouches for */
	if ((r = processes_input(e->c->processes, plugin, json, len)) != 0)
		log_error("what the plugin %s brings is an event alone, and not among the records: "
		    "%s", plugin, err_text(r));
	r = events_input_part(object, &known, &other);
	if (r == 0) {
		make(e, plugin, known, other);
		json_decref(known);
		json_decref(other);
	}
	json_decref(object);
	return r;
}
