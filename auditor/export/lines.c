/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "export/events.h"
#include "export/export.h"
#include "export/text_json.h"

/*
 * JSON, one object a line: the source, then all that happened.  Text is UTF-8; the bytes
 * themselves stand beside it where it is not them.
 */
#define NS_S 1e9

struct lines {
	struct export_job *job;
	struct sink *out;
};

static void begin(struct lines *l, const struct export_event *x, const char *kind)
{
	char text[160];

	snprintf(text, sizeof text, "{\"kind\":\"%s\",\"ns\":%llu,\"at_s\":%.9f,\"chunk\":%lld,"
	    "\"sealed\":%s", kind, (unsigned long long)x->session_ns, (double)x->at_ns / NS_S,
	    (long long)x->chunk, x->sealed ? "true" : "false");
	sink_str(l->out, text);
}

/* Each line stands alone: a character that two events share is in base64 of both. */
static int put_bytes(struct lines *l, const struct export_event *x)
{
	struct text_json t = { .holds = 0 };
	char *base64;

	sink_str(l->out, ",\"text\":\"");
	text_json_put(&t, l->out, x->data, x->len);
	text_json_end(&t, l->out);
	sink_str(l->out, "\"");
	if (!t.odd)
		return 0;
	base64 = malloc(BASE64_SIZE(x->len));
	if (base64 == NULL)
		return -ENOMEM;
	base64_put(base64, x->data, x->len);
	sink_str(l->out, ",\"base64\":\"");
	sink_str(l->out, base64);
	sink_str(l->out, "\"");
	free(base64);
	return 0;
}

static int take(void *arg, const struct export_event *x)
{
	static const char *const kinds[] = { "output", "input", "hidden", "window", "finding" };
	struct lines *l = arg;
	char text[64] = "";
	int r = 0;

	begin(l, x, kinds[x->kind]);
	if (x->kind == EXPORT_OUTPUT || x->kind == EXPORT_INPUT) {
		r = put_bytes(l, x);
	} else if (x->kind == EXPORT_HIDDEN) {
		snprintf(text, sizeof text, ",\"bytes\":%llu", (unsigned long long)x->n);
	} else if (x->kind == EXPORT_WINDOW) {
		snprintf(text, sizeof text, ",\"rows\":%u,\"cols\":%u", x->window.rows,
		    x->window.cols);
	} else {
		sink_str(l->out, ",\"text\":");
		text_json_str(l->out, x->text);
	}
	sink_str(l->out, text);
	sink_str(l->out, "}\n");
	return r != 0 ? r : l->out->error;
}

static json_t *head(const struct export_source *s)
{
	const struct export_facts *f = &s->facts;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string("source"));
	json_object_set_new(o, "rows", json_integer(f->window.rows));
	json_object_set_new(o, "cols", json_integer(f->window.cols));
	json_object_set_new(o, "term", json_bytes(f->term));
	json_object_set_new(o, "program", json_bytes(f->program));
	json_object_set_new(o, "command", json_bytes(f->argv));
	json_object_set_new(o, "length_s", json_real((double)f->length_ns / NS_S));
	json_object_set_new(o, "shellac", export_source_json(s));
	return o;
}

int export_json(struct export_job *j)
{
	struct lines l = { .job = j, .out = &j->out[0] };
	int r = text_json_value(l.out, head(j->source));

	sink_str(l.out, "\n");
	if (r == 0)
		r = export_events(j->source, take, &l);
	return r != 0 ? r : sink_flush(l.out);
}
