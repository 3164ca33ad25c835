/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

#define BLOCK_SIZE 65536

struct report_block {
	struct report_block *next;
	size_t len, size;
	char text[];
};

static const struct section {
	const char *key, *title, *about;
} sections[REPORT_SECTIONS] = {
	[REPORT_SOURCE] = { "source", "What this is made from",
	    "Whoever has the same store and key gets the same report, byte for byte." },
	[REPORT_COVERAGE] = { "coverage", "Coverage",
	    "Who was on this host, recorded or not." },
	[REPORT_USERS] = { "users", "Users and privileged sessions",
	    "Who worked here, as whom, from where, and how it ended." },
	[REPORT_INTEGRITY] = { "integrity", "Integrity",
	    "How far it is proven that nothing was changed, added or taken out." },
	[REPORT_TIME] = { "time", "Time",
	    "Whether the clock that all times here are of was right." },
	[REPORT_FAILURES] = { "failures", "Failures of logging",
	    "When recording began, stopped, failed or lost something." },
	[REPORT_ACCESS] = { "access", "Access to recordings",
	    "Who was let look at what, as the collector logged it before." },
	[REPORT_FINDINGS] = { "findings", "Findings",
	    "All that is wrong with what is stored." },
	[REPORT_REVIEW] = { "review", "Review",
	    "Who judged which session, and the days on which nobody did." },
	[REPORT_RETENTION] = { "retention", "Retention",
	    "How far back recordings go, what was deleted, and what must not be." },
	[REPORT_CONFIGURATION] = { "configuration", "Configuration and keys",
	    "What was in force, and each change of it." },
	[REPORT_CAPACITY] = { "capacity", "Capacity",
	    "How much is kept, and how it grows." },
	[REPORT_LIMITS] = { "limits", "What this cannot show",
	    "Limits of the method that no report of this kind gets around." },
};

void report_init(struct report *r)
{
	memset(r, 0, sizeof *r);
}

void report_release(struct report *r)
{
	struct report_block *b, *next;
	unsigned i, k;

	for (i = 0; i < REPORT_SECTIONS; i++) {
		struct report_section *s = &r->section[i];

		for (k = 0; k < s->tables; k++) {
			free(s->table[k].cell);
			free(s->table[k].topic);
		}
		free(s->fact);
		free(s->gap);
	}
	for (b = r->block; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	report_init(r);
}

const char *report_section_key(enum report_section_id id)
{
	return sections[id].key;
}

const char *report_section_title(enum report_section_id id)
{
	return sections[id].title;
}

const char *report_section_about(enum report_section_id id)
{
	return sections[id].about;
}

/* Room for len chars, until report_release(). */
static char *take(struct report *r, size_t len)
{
	struct report_block *b = r->block;
	size_t size = len > BLOCK_SIZE ? len : BLOCK_SIZE;

	if (r->error != 0)
		return NULL;
	if (b == NULL || b->size - b->len < len) {
		b = malloc(sizeof *b + size);
		if (b == NULL) {
			r->error = -ENOMEM;
			return NULL;
		}
		b->next = r->block;
		b->len = 0;
		b->size = size;
		r->block = b;
	}
	b->len += len;
	return b->text + (b->len - len);
}

const char *report_keep(struct report *r, const char *text)
{
	size_t len = strlen(text) + 1;
	char *p = take(r, len);

	return p != NULL ? memcpy(p, text, len) : NULL;
}

static const char *keep_formatted(struct report *r, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static const char *keep_formatted(struct report *r, const char *fmt, va_list ap)
{
	const char *kept;
	char *text;

	if (vasprintf(&text, fmt, ap) < 0) {
		r->error = -ENOMEM;
		return NULL;
	}
	kept = report_keep(r, text);
	free(text);
	return kept;
}

/* Room for one more element; notes a lack of memory. */
static int room(struct report *r, void *array_pointer, size_t used, size_t *have, size_t size)
{
	if (r->error == 0)
		r->error = array_room(array_pointer, used, have, size);
	return r->error;
}

static struct report_fact *add_fact(struct report *r, enum report_section_id id,
    unsigned topics, const char *name, enum report_type type)
{
	struct report_section *s = &r->section[id];
	struct report_fact *f;

	if (room(r, &s->fact, s->facts, &s->fact_room, sizeof *s->fact) != 0)
		return NULL;
	f = &s->fact[s->facts++];
	f->name = name;
	f->type = type;
	f->topics = topics;
	s->topics |= topics;
	return f;
}

void report_fact_text(struct report *r, enum report_section_id id, unsigned topics,
    const char *name, const char *text)
{
	const char *kept = text != NULL && text[0] != '\0' ? report_keep(r, text) : NULL;
	struct report_fact *f = add_fact(r, id, topics, name, REPORT_TEXT);

	if (f != NULL)
		f->value.text = kept;
}

void report_fact_number(struct report *r, enum report_section_id id, unsigned topics,
    const char *name, enum report_type type, int64_t number)
{
	struct report_fact *f = add_fact(r, id, topics, name, type);

	if (f != NULL)
		f->value.number = number;
}

void report_gap(struct report *r, enum report_section_id id, unsigned topics,
    const char *command, const char *fmt, ...)
{
	struct report_section *s = &r->section[id];
	const char *text, *kept = command != NULL ? report_keep(r, command) : NULL;
	struct report_gap *g;
	va_list ap;

	va_start(ap, fmt);
	text = keep_formatted(r, fmt, ap);
	va_end(ap);
	if (room(r, &s->gap, s->gaps, &s->gap_room, sizeof *s->gap) != 0)
		return;
	g = &s->gap[s->gaps++];
	g->text = text;
	g->command = kept;
	g->topics = topics;
	s->topics |= topics;
}

struct report_table *report_table(struct report *r, enum report_section_id id, const char *key,
    const char *title, const struct report_column *column, unsigned columns)
{
	struct report_section *s = &r->section[id];
	struct report_table *t = &s->table[s->tables++];

	assert(s->tables <= REPORT_TABLES && columns <= REPORT_COLUMNS);
	t->report = r;
	t->key = key;
	t->title = title;
	t->column = column;
	t->columns = columns;
	return t;
}

void report_row(struct report_table *t, unsigned topics)
{
	if (room(t->report, &t->topic, t->rows, &t->row_room, sizeof *t->topic) != 0)
		return;
	assert(t->cells == t->rows * t->columns);
	t->topic[t->rows++] = topics;
	t->topics |= topics;
}

static void add_cell(struct report_table *t, union report_value v)
{
	if (room(t->report, &t->cell, t->cells, &t->cell_room, sizeof *t->cell) != 0)
		return;
	assert(t->cells < t->rows * t->columns);
	t->cell[t->cells++] = v;
}

static int is_text(enum report_type type)
{
	return type == REPORT_TEXT || type == REPORT_COMMAND;
}

void report_number(struct report_table *t, int64_t number)
{
	assert(!is_text(t->column[t->cells % t->columns].type) || t->report->error != 0);
	add_cell(t, (union report_value){ .number = number });
}

void report_text(struct report_table *t, const char *text)
{
	const char *kept = text != NULL && text[0] != '\0' ? report_keep(t->report, text) : NULL;

	assert(is_text(t->column[t->cells % t->columns].type) || t->report->error != 0);
	add_cell(t, (union report_value){ .text = kept });
}

void report_textf(struct report_table *t, const char *fmt, ...)
{
	const char *kept;
	va_list ap;

	va_start(ap, fmt);
	kept = keep_formatted(t->report, fmt, ap);
	va_end(ap);
	add_cell(t, (union report_value){ .text = kept });
}

int report_is_unknown(enum report_type type, const union report_value *v)
{
	return is_text(type) ? v->text == NULL : v->number == REPORT_UNKNOWN;
}
