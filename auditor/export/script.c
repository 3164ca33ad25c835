/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>

#include "bytes.h"
#include "clock.h"
#include "escape.h"
#include "export/events.h"
#include "export/export.h"

/*
 * script(1)'s logs with its newer form of timing: "O delta length", "I", "S" for signals
 * and "H" for facts.  scriptreplay(1) skips the first line of the other logs.
 */
enum { OUTPUT, TIMING, INPUT };
#define NS_US 1000u
#define NS_S 1e9
#define US_S 1000000u
#define VALUE_MAX 1024

struct script {
	struct export_job *job;
	uint64_t last_us;
};

__attribute__((format(printf, 3, 4)))
static void put(struct script *s, int log, const char *fmt, ...)
{
	char text[2 * VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sink_str(&s->job->out[log], text);
}

/* A fact about the recording; nothing foreign can end its line. */
static void fact(struct script *s, const char *key, const char *value)
{
	char safe[VALUE_MAX];

	if (value[0] != '\0')
		put(s, TIMING, "H 0.000000 %s %s\n", key, escape_str(safe, sizeof safe, value));
}

static void number(struct script *s, const char *key, unsigned long long value)
{
	put(s, TIMING, "H 0.000000 %s %llu\n", key, value);
}

static void hex_fact(struct script *s, const char *key, const uint8_t *p, size_t len)
{
	char text[2 * HASH_SIZE + 1];

	hex_put(text, p, len);
	fact(s, key, text);
}

/* What each export says of its source. */
static void source_facts(struct script *s)
{
	const struct export_source *x = s->job->source;
	const struct verdict *v = &x->verdict;
	unsigned i;

	number(s, "SHELLAC_SESSION", x->entry.name.n);
	hex_fact(s, "SHELLAC_ID", x->entry.name.id, ID_SIZE);
	hex_fact(s, "SHELLAC_BLAKE2B_256", x->digest, HASH_SIZE);
	number(s, "SHELLAC_BYTES", x->digest_bytes);
	fact(s, "SHELLAC_STATUS", verdict_word(v->status));
	if (v->level >= 0)
		number(s, "SHELLAC_LEVEL", (unsigned)v->level);
	if (v->chain.chunk > 0)
		hex_fact(s, "SHELLAC_HEAD", v->chain.prev, HASH_SIZE);
	hex_fact(s, "SHELLAC_HOST_ID", v->chain.cert.host_id, ID_SIZE);
	fact(s, "SHELLAC_HOST_KEY", x->key);
	fact(s, "SHELLAC_HOST", v->chain.cert.host);
	fact(s, "SHELLAC_USER", v->chain.cert.user);
	for (i = 0; i < v->findings; i++)
		fact(s, "SHELLAC_FINDING", v->finding[i].text);
}

static void begin_timing(struct script *s)
{
	const struct export_facts *f = &s->job->source->facts;
	char when[CLOCK_RFC3339_SIZE];

	fact(s, "START_TIME", clock_rfc3339(when, export_wall(s->job->source,
	    s->job->source->ask.from_ns)));
	fact(s, "TERM", f->term);
	fact(s, "TTY", s->job->source->verdict.chain.cert.tty);
	number(s, "COLUMNS", f->window.cols);
	number(s, "LINES", f->window.rows);
	fact(s, "SHELL", f->program);
	fact(s, "COMMAND", f->argv);
	fact(s, "TIMING_LOG", "timing");
	fact(s, "OUTPUT_LOG", "typescript");
	if (s->job->source->ask.input)
		fact(s, "INPUT_LOG", "input");
	source_facts(s);
}

/* The line that readers of a log skip. */
static void begin_log(struct script *s, int log)
{
	const struct export_source *x = s->job->source;
	char when[CLOCK_RFC3339_SIZE], digest[2 * HASH_SIZE + 1];

	hex_put(digest, x->digest, HASH_SIZE);
	put(s, log, "Script started on %s [COLUMNS=\"%u\" LINES=\"%u\" SHELLAC_SESSION=\"%llu\" "
	    "SHELLAC_BLAKE2B_256=\"%s\" SHELLAC_STATUS=\"%s\"]\n",
	    clock_rfc3339(when, export_wall(x, x->ask.from_ns)), x->facts.window.cols,
	    x->facts.window.rows, (unsigned long long)x->entry.name.n, digest,
	    verdict_word(x->verdict.status));
}

static void step(struct script *s, char type, uint64_t at_ns)
{
	uint64_t us = at_ns / NS_US, d = us - s->last_us;

	s->last_us = us;
	put(s, TIMING, "%c %llu.%06llu ", type, (unsigned long long)(d / US_S),
	    (unsigned long long)(d % US_S));
}

static int take(void *arg, const struct export_event *x)
{
	struct script *s = arg;

	switch (x->kind) {
	case EXPORT_OUTPUT: case EXPORT_INPUT:
		step(s, x->kind == EXPORT_OUTPUT ? 'O' : 'I', x->at_ns);
		put(s, TIMING, "%zu\n", x->len);
		sink_put(&s->job->out[x->kind == EXPORT_OUTPUT ? OUTPUT : INPUT], x->data, x->len);
		break;
	case EXPORT_WINDOW:
		step(s, 'S', x->at_ns);
		put(s, TIMING, "SIGWINCH ROWS=%u COLS=%u\n", x->window.rows, x->window.cols);
		break;
	default: /* it has no place there */
		break;
	}
	return s->job->out[OUTPUT].error;
}

static void end(struct script *s)
{
	const struct export_source *x = s->job->source;
	const struct chain *c = &x->verdict.chain;
	int status = (int)c->last.status;

	put(s, OUTPUT, "\nScript done\n");
	put(s, TIMING, "H 0.000000 DURATION %.6f\n", (double)x->facts.length_ns / NS_S);
	if (c->ended)
		put(s, TIMING, "H 0.000000 EXIT_CODE %d\n",
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int export_script(struct export_job *j)
{
	struct script s = { .job = j };
	int logs = j->source->ask.input ? 3 : 2, i, r;

	begin_timing(&s);
	begin_log(&s, OUTPUT);
	if (j->source->ask.input)
		begin_log(&s, INPUT);
	r = export_events(j->source, take, &s);
	if (r == 0)
		end(&s);
	for (i = 0; i < logs && r == 0; i++)
		r = sink_flush(&j->out[i]);
	return r;
}
