/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "bytes.h"
#include "clock.h"
#include "escape.h"
#include "export/events.h"
#include "export/export.h"
#include "export/html.h"
#include "screen/transcript.h"

/* What stood on the screen, as lines with their times, behind what they are. */
struct text {
	const struct export_source *s;
	struct sink *out;
};

static void fact(struct text *t, const char *name, const char *value)
{
	char safe[2048], line[2200];

	if (value[0] == '\0')
		return;
	snprintf(line, sizeof line, "# %-12s %s\n", name, escape_str(safe, sizeof safe, value));
	sink_str(t->out, line);
}

static void hex(struct text *t, const char *name, const uint8_t *p, size_t len)
{
	char value[2 * HASH_SIZE + 1];

	hex_put(value, p, len);
	fact(t, name, value);
}

static void who(struct text *t)
{
	const struct export_source *s = t->s;
	const struct chain *c = &s->verdict.chain;
	char title[EXPORT_TITLE_MAX], value[64];

	export_title(title, s);
	fact(t, "source", title);
	hex(t, "id", s->entry.name.id, ID_SIZE);
	fact(t, "terminal", c->cert.tty);
	fact(t, "from", c->cert.from);
	fact(t, "began", c->have_cert ? clock_rfc3339(value, c->cert.wall_ns) : "");
	fact(t, "length", html_clock(value, c->elapsed_ns));
	fact(t, "command", s->facts.argv);
}

static void proof(struct text *t)
{
	const struct export_source *s = t->s;
	const struct verdict *v = &s->verdict;
	char value[240];
	unsigned i;

	hex(t, "blake2b-256", s->digest, HASH_SIZE);
	snprintf(value, sizeof value, "%llu", (unsigned long long)s->digest_bytes);
	fact(t, "bytes", value);
	fact(t, "status", verdict_word(v->status));
	snprintf(value, sizeof value, "%d", v->level);
	fact(t, "level", v->level >= 0 ? value : "none");
	fact(t, "next level", s->level_why != NULL ? s->level_why : "");
	if (v->chain.chunk > 0)
		hex(t, "last seal", v->chain.prev, HASH_SIZE);
	if (v->chain.have_cert)
		hex(t, "host id", v->chain.cert.host_id, ID_SIZE);
	fact(t, "host key", s->key);
	for (i = 0; i < v->findings; i++) {
		const struct finding *f = &v->finding[i];

		snprintf(value, sizeof value, "%s, chunk %lld: %s", f->kind, (long long)f->chunk,
		    f->text);
		fact(t, "finding", value);
	}
}

static void part(struct text *t)
{
	const struct export_ask *a = &t->s->ask;
	char value[HTML_TIME_MAX];

	if (a->from_ns != 0)
		fact(t, "from time", html_clock(value, a->from_ns));
	if (a->until_ns != UINT64_MAX)
		fact(t, "until time", html_clock(value, a->until_ns));
}

static int put_line(void *arg, const struct transcript_line *l)
{
	struct text *t = arg;
	char clock[HTML_TIME_MAX], begin[HTML_TIME_MAX + 4];

	if (l->at_ns < t->s->ask.from_ns || l->at_ns > t->s->ask.until_ns)
		return t->out->error;
	snprintf(begin, sizeof begin, "%12s%s", html_clock(clock, l->at_ns),
	    l->kind == TRANSCRIPT_NOTE ? " # " : l->typed != TRANSCRIPT_NOT_TYPED ? " > " : "   ");
	sink_str(t->out, begin);
	sink_put(t->out, l->text, l->len);
	sink_str(t->out, "\n");
	return t->out->error;
}

int export_text(struct export_job *j)
{
	struct text t = { .s = j->source, .out = &j->out[0] };
	struct transcript *made;
	int r = transcript_new(&made, 0, put_line, &t);

	if (r != 0)
		return r;
	who(&t);
	proof(&t);
	part(&t);
	sink_str(t.out, "\n");
	r = j->source->each(j->source->ctx, transcript_event, made);
	if (r == 0)
		r = transcript_end(made);
	transcript_free(made);
	return r != 0 ? r : sink_flush(t.out);
}
