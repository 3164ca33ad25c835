/* SPDX-License-Identifier: ISC */
#include "review/rules_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "procs/procs.h"
#include "screen/commands.h"
#include "screen/transcript.h"
#include "verify/shown.h"
#include "utf8.h"

#define ARGS_MAX 4096 /* of a process; what is longer is cut */

struct looking {
	const struct rules *rules;
	struct rule_hits *out;
	unsigned *count;      /* hits of each rule */
	struct cert cert;     /* as the session states it; its verdict says what that is worth */
	int64_t begin_ns;     /* by the clock that dates processes */
	size_t since;         /* hits from here on are of one command, where each rule hits once */
	int once;
	struct rules_subject subject;
	uint64_t at_ns;
	int64_t chunk;
	int error;
	struct transcript *transcript; /* NULL: no rule asks for it */
	struct commands_gather *gather; /* likewise */
};

void rule_hits_release(struct rule_hits *h)
{
	while (h->hits > 0)
		free(h->hit[--h->hits].text);
	free(h->hit);
	memset(h, 0, sizeof *h);
}

static int is_known(const struct looking *g, const struct rule *rule)
{
	size_t i;

	for (i = g->since; g->once && i < g->out->hits; i++)
		if (g->out->hit[i].rule == rule)
			return 1;
	return 0;
}

static void hit(void *arg, const struct rule *rule, size_t at, size_t len)
{
	struct looking *g = arg;
	struct rule_hits *out = g->out;
	struct rule_hit *h;

	(void)at;
	(void)len;
	if (g->error != 0 || is_known(g, rule))
		return;
	if (g->count[rule - rules_at(g->rules, 0)]++ >= RULE_HITS_MAX) {
		out->more++;
		return;
	}
	g->error = array_room(&out->hit, out->hits, &out->room, sizeof *out->hit);
	if (g->error != 0)
		return;
	h = &out->hit[out->hits];
	*h = (struct rule_hit){ .rule = rule, .on = g->subject.on, .at_ns = g->at_ns,
		.wall_ns = g->subject.wall_ns, .chunk = g->chunk,
		.text = strndup(g->subject.text, g->subject.len) };
	if (h->text == NULL)
		g->error = -ENOMEM;
	else
		out->hits++;
}

/* Holds a text against the rules.  0 or -ENOMEM. */
static int look(struct looking *g, enum rule_on on, uint64_t at_ns, int64_t chunk, const char *text,
    size_t len)
{
	g->at_ns = at_ns;
	g->chunk = chunk;
	g->subject = (struct rules_subject){ .on = on, .text = text, .len = len,
		.user = g->cert.user, .host = g->cert.host,
		.wall_ns = g->cert.wall_ns + (int64_t)at_ns };
	g->out->undecided += rules_match(g->rules, &g->subject, hit, g);
	return g->error;
}

static int line(void *arg, const struct transcript_line *l)
{
	if (l->kind == TRANSCRIPT_NOTE)
		return 0;
	return look(arg, RULE_OUTPUT, l->at_ns, l->chunk, l->text, l->len);
}

static int event(void *arg, const struct shown_event *x)
{
	struct looking *g = arg;
	int r = g->transcript != NULL ? transcript_event(g->transcript, x) : 0;

	return r == 0 && g->gather != NULL ? commands_gather_event(g->gather, x) : r;
}

/* Arguments where they are known, else the name. */
static int look_at_life(struct looking *g, const struct command_line *l, const struct procs_row *p)
{
	uint8_t raw[ARGS_MAX];
	size_t len = p->exec != NULL ? p->exec->args_len : 0, i;
	const char *text = p->acct->comm;
	int64_t at = p->start_ns - g->begin_ns;
	char *args;
	int r;

	if (len == 0)
		return look(g, RULE_COMMAND, at > 0 ? (uint64_t)at : 0, l->chunk, text, strlen(text));
	if (len > sizeof raw)
		len = sizeof raw;
	for (i = 0; i < len; i++)
		raw[i] = p->exec->args[i] != '\0' ? (uint8_t)p->exec->args[i] : ' ';
	while (len > 0 && raw[len - 1] == ' ')
		len--;
	args = utf8_from_bytes(raw, len);
	if (args == NULL)
		return -ENOMEM;
	r = look(g, RULE_COMMAND, at > 0 ? (uint64_t)at : 0, l->chunk, args, strlen(args));
	free(args);
	return r;
}

/* What was typed, and what ran because of it; a rule that fits both hits once. */
static int look_at_command(struct looking *g, const struct commands *all,
    const struct command_line *l)
{
	enum rule_on on = l->flags & COMMAND_UNTYPED ? RULE_COMMAND : RULE_TYPED;
	size_t i;
	int r;

	g->since = g->out->hits;
	g->once = 1;
	r = l->text != NULL && l->text[0] != '\0' ?
	    look(g, on, l->at_ns, l->chunk, l->text, strlen(l->text)) : 0;
	for (i = l->first; r == 0 && i < l->first + l->lives; i++)
		r = look_at_life(g, l, procs_copy_row(all->lives->life[i]));
	g->once = 0;
	return r;
}

static int look_at_commands(struct looking *g, struct auditor *a, uint64_t n)
{
	struct session_lives *lives = NULL;
	struct commands all;
	size_t i;
	int r = session_lives_of(&lives, a, n);

	if (r != 0)
		return r;
	g->begin_ns = commands_begin(&g->cert, lives);
	r = commands_join(&all, g->gather, lives, g->begin_ns);
	for (i = 0; r == 0 && i < all.lines; i++)
		r = look_at_command(g, &all, &all.line[i]);
	commands_release(&all);
	return r;
}

static int look_at_session(struct looking *g)
{
	char text[CERT_USER_MAX + CERT_TTY_MAX + CERT_FROM_MAX + 4], *utf8;
	int len = snprintf(text, sizeof text, "%s %s%s%s", g->cert.user, g->cert.tty,
	    g->cert.from[0] != '\0' ? " " : "", g->cert.from), r;

	utf8 = utf8_from_bytes((uint8_t *)text, (size_t)len);
	if (utf8 == NULL)
		return -ENOMEM;
	r = look(g, RULE_SESSION, 0, -1, utf8, strlen(utf8));
	free(utf8);
	return r;
}

static int has_rule(const struct rules *r, enum rule_on on)
{
	size_t i;

	for (i = 0; i < rules_count(r); i++)
		if (rules_at(r, i)->on == on)
			return 1;
	return 0;
}

static int compare(const void *x, const void *y)
{
	const struct rule_hit *a = x, *b = y;

	if (a->at_ns != b->at_ns)
		return a->at_ns < b->at_ns ? -1 : 1;
	return a->rule->line < b->rule->line ? -1 : a->rule->line > b->rule->line;
}

static int look_at_all(struct looking *g, struct auditor *a, struct store_session *e,
    struct verdict *v)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	int r;

	if (procs_session(&a->store, e, &g->cert) != 0)
		memset(&g->cert, 0, sizeof g->cert);
	r = look_at_session(g);
	if (r == 0 && has_rule(g->rules, RULE_OUTPUT))
		r = transcript_new(&g->transcript, 1, line, g);
	if (r == 0 && (has_rule(g->rules, RULE_COMMAND) || has_rule(g->rules, RULE_TYPED)))
		r = commands_gather_new(&g->gather);
	if (r == 0)
		r = shown_session(&a->store, e, &how, event, g, v);
	if (r == 0 && g->transcript != NULL)
		r = transcript_end(g->transcript);
	if (r == 0 && g->gather != NULL)
		r = look_at_commands(g, a, e->name.n);
	transcript_free(g->transcript);
	commands_gather_free(g->gather);
	return r;
}

int rules_session(struct rule_hits *out, const struct rules *r, struct auditor *a,
    struct store_session *e, struct verdict *v)
{
	struct looking g = { .rules = r, .out = out };
	int error;

	memset(out, 0, sizeof *out);
	g.count = calloc(rules_count(r) + 1, sizeof *g.count);
	error = g.count != NULL ? look_at_all(&g, a, e, v) : -ENOMEM;
	free(g.count);
	if (error != 0) {
		rule_hits_release(out);
		return error;
	}
	if (out->hits > 1)
		qsort(out->hit, out->hits, sizeof *out->hit, compare);
	return 0;
}
