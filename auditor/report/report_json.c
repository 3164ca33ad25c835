/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "output/json.h"
#include "report/report_print.h"

/* Writes o as a line, and frees it. */
static void put(const struct report_print *p, json_t *o)
{
	char *text = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (text == NULL && p->out->error == 0)
		p->out->error = -ENOMEM;
	if (text != NULL) {
		sink_str(p->out, text);
		sink_str(p->out, "\n");
	}
	free(text);
	json_decref(o);
}

static json_t *value(enum report_type type, const union report_value *v)
{
	if (report_is_unknown(type, v))
		return json_null();
	switch (type) {
	case REPORT_TEXT:
	case REPORT_COMMAND: return json_bytes(v->text);
	case REPORT_WALL: return json_time(v->number);
	case REPORT_LENGTH: return json_real((double)v->number / 1e9);
	default: return json_integer((json_int_t)v->number);
	}
}

static json_t *object(const char *type, enum report_section_id id)
{
	json_t *o = json_object();

	json_object_set_new(o, "type", json_string(type));
	json_object_set_new(o, "section", json_string(report_section_key(id)));
	return o;
}

/* The ids of requirements for these topics, where there is a framework. */
static void add_requirements(const struct report_print *p, json_t *o, unsigned topics)
{
	json_t *ids;
	unsigned i;

	if (p->framework == NULL)
		return;
	ids = json_array();
	for (i = 0; i < p->framework->requirements; i++)
		if ((p->framework->requirement[i].topics & topics) != 0)
			json_array_append_new(ids, json_string(p->framework->requirement[i].id));
	json_object_set_new(o, "requirements", ids);
}

static void put_table(const struct report_print *p, enum report_section_id id,
    const struct report_table *t)
{
	size_t i;
	unsigned k;

	for (i = 0; i < t->rows; i++) {
		json_t *o = object("row", id);

		json_object_set_new(o, "table", json_string(t->key));
		add_requirements(p, o, t->topic[i]);
		for (k = 0; k < t->columns; k++)
			json_object_set_new(o, t->column[k].key, value(t->column[k].type,
			    &t->cell[i * t->columns + k]));
		put(p, o);
	}
}

static void put_section(const struct report_print *p, enum report_section_id id)
{
	const struct report_section *s = &p->report->section[id];
	json_t *o = object("section", id);
	size_t i;

	json_object_set_new(o, "title", json_string(report_section_title(id)));
	put(p, o);
	for (i = 0; i < s->facts; i++) {
		o = object("fact", id);
		add_requirements(p, o, s->fact[i].topics);
		json_object_set_new(o, "name", json_string(s->fact[i].name));
		json_object_set_new(o, "value", value(s->fact[i].type, &s->fact[i].value));
		put(p, o);
	}
	for (i = 0; i < s->gaps; i++) {
		const struct report_gap *g = &s->gap[i];

		o = object("gap", id);
		add_requirements(p, o, g->topics);
		json_object_set_new(o, "text", json_bytes(g->text != NULL ? g->text : ""));
		json_object_set_new(o, "command",
		    json_bytes(g->command != NULL ? g->command : ""));
		put(p, o);
	}
	for (i = 0; i < s->tables; i++)
		put_table(p, id, &s->table[i]);
}

/* Rows that are evidence for it, and what is missing. */
static json_t *requirement(const struct report_print *p, const struct report_requirement *q)
{
	json_t *o = json_object(), *missing = json_array();
	size_t rows = 0, i, k;

	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];

		for (k = 0; k < s->tables; k++)
			rows += report_framework_rows(&s->table[k], q->topics);
		for (k = 0; k < s->gaps; k++)
			if ((s->gap[k].topics & q->topics) != 0 && s->gap[k].text != NULL)
				json_array_append_new(missing, json_bytes(s->gap[k].text));
	}
	json_object_set_new(o, "type", json_string("requirement"));
	json_object_set_new(o, "framework", json_string(p->framework->name));
	json_object_set_new(o, "id", json_string(q->id));
	json_object_set_new(o, "asks", json_string(q->asks));
	json_object_set_new(o, "rows", json_integer((json_int_t)rows));
	json_object_set_new(o, "missing", missing);
	json_object_set_new(o, "elsewhere", json_bytes(q->elsewhere != NULL ? q->elsewhere : ""));
	return o;
}

void report_print_json(const struct report_print *p)
{
	json_t *o = json_object();
	unsigned i;

	json_object_set_new(o, "type", json_string("report"));
	json_object_set_new(o, "subject", json_bytes(p->subject));
	json_object_set_new(o, "framework", json_bytes(p->framework != NULL ?
	    p->framework->name : ""));
	json_object_set_new(o, "findings", json_u64(p->report->findings));
	put(p, o);
	for (i = 0; p->framework != NULL && i < p->framework->requirements; i++)
		put(p, requirement(p, &p->framework->requirement[i]));
	for (i = 0; i < REPORT_SECTIONS; i++)
		put_section(p, (enum report_section_id)i);
}
