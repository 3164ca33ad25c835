/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "export/events.h"
#include "export/export.h"
#include "export/text_json.h"

/*
 * asciicast: JSON a line.  Version 2 has times since the begin, 3 since the line before.
 * Times are whole microseconds, so that rounding does not add up.
 */
#define NS_US 1000u
#define US_S 1000000u
#define NS_S 1000000000

struct cast {
	struct export_job *job;
	struct sink *out;
	int version;
	uint64_t last_us;
	struct text_json output, input;
};

static json_t *words(const char *text)
{
	return text[0] != '\0' ? json_bytes(text) : NULL;
}

static void set_if(json_t *o, const char *key, json_t *value)
{
	if (value != NULL)
		json_object_set_new(o, key, value);
}

static json_t *environment(const struct export_facts *f)
{
	json_t *o = json_object();

	set_if(o, "TERM", words(f->term));
	set_if(o, "SHELL", words(f->program));
	return o;
}

static void window_keys(json_t *o, const struct cast *c, const struct export_facts *f)
{
	json_t *term;

	if (c->version == 2) {
		json_object_set_new(o, "width", json_integer(f->window.cols));
		json_object_set_new(o, "height", json_integer(f->window.rows));
		return;
	}
	term = json_object();
	json_object_set_new(term, "cols", json_integer(f->window.cols));
	json_object_set_new(term, "rows", json_integer(f->window.rows));
	set_if(term, "type", words(f->term));
	json_object_set_new(o, "term", term);
}

static json_t *header(const struct cast *c)
{
	const struct export_source *s = c->job->source;
	const struct export_facts *f = &s->facts;
	char title[EXPORT_TITLE_MAX];
	json_t *o = json_object();

	export_title(title, s);
	json_object_set_new(o, "version", json_integer(c->version));
	window_keys(o, c, f);
	json_object_set_new(o, "timestamp", json_integer(export_wall(s, s->ask.from_ns) / NS_S));
	if (c->version == 2)
		json_object_set_new(o, "duration", json_real((double)f->length_ns / NS_S));
	if (s->ask.idle_ns != UINT64_MAX)
		json_object_set_new(o, "idle_time_limit", json_real((double)s->ask.idle_ns / NS_S));
	set_if(o, "command", words(f->argv));
	json_object_set_new(o, "title", json_bytes(title));
	json_object_set_new(o, "env", environment(f));
	json_object_set_new(o, "shellac", export_source_json(s));
	return o;
}

static int put_header(const struct cast *c)
{
	json_t *o = header(c);
	int r = text_json_value(c->out, o);

	if (r == 0)
		sink_str(c->out, "\n");
	return r;
}

/* "[1.000000, "o", "" of the next line. */
static void begin(struct cast *c, uint64_t at_ns, char code)
{
	char text[64];
	uint64_t us = at_ns / NS_US, t = c->version == 2 ? us : us - c->last_us;

	c->last_us = us;
	snprintf(text, sizeof text, "[%llu.%06llu, \"%c\", \"", (unsigned long long)(t / US_S),
	    (unsigned long long)(t % US_S), code);
	sink_str(c->out, text);
}

static void end(struct cast *c)
{
	sink_str(c->out, "\"]\n");
}

static void put_line(struct cast *c, uint64_t at_ns, char code, const char *text)
{
	struct text_json t = { .holds = 0 };

	begin(c, at_ns, code);
	text_json_put(&t, c->out, (const uint8_t *)text, strlen(text));
	text_json_end(&t, c->out);
	end(c);
}

static int take(void *arg, const struct export_event *x)
{
	struct cast *c = arg;
	char text[64];

	switch (x->kind) {
	case EXPORT_OUTPUT: case EXPORT_INPUT:
		begin(c, x->at_ns, x->kind == EXPORT_OUTPUT ? 'o' : 'i');
		text_json_put(x->kind == EXPORT_OUTPUT ? &c->output : &c->input, c->out, x->data,
		    x->len);
		end(c);
		break;
	case EXPORT_HIDDEN:
		snprintf(text, sizeof text, "%llu typed bytes were not kept",
		    (unsigned long long)x->n);
		put_line(c, x->at_ns, 'm', text);
		break;
	case EXPORT_WINDOW:
		snprintf(text, sizeof text, "%ux%u", x->window.cols, x->window.rows);
		put_line(c, x->at_ns, 'r', text);
		break;
	case EXPORT_FINDING:
		put_line(c, x->at_ns, 'm', x->text);
		break;
	}
	return c->out->error;
}

/* What was held of a character that the recording cuts. */
static void put_rest(struct cast *c, struct text_json *t, char code, uint64_t at_ns)
{
	if (t->holds == 0)
		return;
	begin(c, at_ns, code);
	text_json_end(t, c->out);
	end(c);
}

/* Version 3 ends with the exit status; without it, and in version 2, what passes between
 * the last event and the end is an event that shows nothing. */
static void put_end(struct cast *c, const struct export_source *s)
{
	const struct chain *k = &s->verdict.chain;
	int status = (int)k->last.status;
	char text[16];

	if (c->version < 3 || !k->ended || s->ask.until_ns != UINT64_MAX) {
		if (s->facts.length_ns / NS_US > c->last_us)
			put_line(c, s->facts.length_ns, 'o', "");
		return;
	}
	snprintf(text, sizeof text, "%d",
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	put_line(c, s->facts.length_ns, 'x', text);
}

static int write_cast(struct export_job *j, int version)
{
	struct cast c = { .job = j, .out = &j->out[0], .version = version };
	int r = put_header(&c);

	if (r == 0)
		r = export_events(j->source, take, &c);
	if (r != 0)
		return r;
	put_rest(&c, &c.output, 'o', j->source->facts.length_ns);
	put_rest(&c, &c.input, 'i', j->source->facts.length_ns);
	put_end(&c, j->source);
	return sink_flush(c.out);
}

int export_cast_v2(struct export_job *j)
{
	return write_cast(j, 2);
}

int export_cast_v3(struct export_job *j)
{
	return write_cast(j, 3);
}
