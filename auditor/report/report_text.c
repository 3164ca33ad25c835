/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "report/report_cell.h"
#include "report/report_print.h"

#define GAP 2
#define WIDTH_MAX 64 /* of a column: what is longer moves what follows it */
#define LINE 100

static char cell[REPORT_CELL_MAX];

static void put(const struct report_print *p, const char *text)
{
	sink_str(p->out, text);
}

static void put_blanks(const struct report_print *p, size_t n)
{
	static const char blanks[WIDTH_MAX + 1] = "                                                                ";

	for (; n > WIDTH_MAX; n -= WIDTH_MAX)
		put(p, blanks);
	sink_put(p->out, blanks, n);
}

/* Code points, which is columns for most of what names are made of */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void put_upper(const struct report_print *p, const char *text)
{
	char c;

	for (; *text != '\0'; text++) {
		c = (char)toupper((unsigned char)*text);
		sink_put(p->out, &c, 1);
	}
}

/* Words of text in lines that begin with so many blanks; the first is there already. */
static void put_wrapped(const struct report_print *p, size_t indent, const char *text)
{
	size_t at = indent, len;

	while (*text != '\0') {
		len = strcspn(text, " ");
		if (at > indent && at + 1 + len > LINE) {
			put(p, "\n");
			put_blanks(p, indent);
			at = indent;
		} else if (at > indent) {
			put(p, " ");
			at++;
		}
		sink_put(p->out, text, len);
		at += len;
		text += len;
		text += strspn(text, " ");
	}
	put(p, "\n");
}

static void put_facts(const struct report_print *p, const struct report_section *s)
{
	size_t i, width = 0;

	for (i = 0; i < s->facts; i++)
		if (strlen(s->fact[i].name) > width)
			width = strlen(s->fact[i].name);
	for (i = 0; i < s->facts; i++) {
		const struct report_fact *f = &s->fact[i];

		put(p, "  ");
		put(p, f->name);
		put_blanks(p, width - strlen(f->name) + GAP);
		put(p, report_cell(cell, f->type, &f->value));
		put(p, "\n");
	}
}

static void put_gap(const struct report_print *p, const struct report_gap *g)
{
	put(p, "  - ");
	if (g->text != NULL)
		put_wrapped(p, 4, escape_str(cell, sizeof cell, g->text));
	if (g->command == NULL)
		return;
	put(p, "      ");
	put(p, escape_str(cell, sizeof cell, g->command));
	put(p, "\n");
}

static void put_gaps(const struct report_print *p, const struct report_section *s)
{
	size_t i;

	if (s->gaps > 0)
		put(p, "\n  What is missing\n");
	for (i = 0; i < s->gaps; i++)
		put_gap(p, &s->gap[i]);
}

struct widths {
	size_t column[REPORT_COLUMNS], ids;
};

static void measure(const struct report_print *p, const struct report_table *t, struct widths *w)
{
	char ids[REPORT_IDS_MAX];
	size_t i, k, n;

	for (k = 0; k < t->columns; k++)
		w->column[k] = strlen(t->column[k].head);
	w->ids = strlen("FOR");
	for (i = 0; i < t->cells; i++) {
		k = i % t->columns;
		n = width_of(report_cell(cell, t->column[k].type, &t->cell[i]));
		if (n > w->column[k])
			w->column[k] = n < WIDTH_MAX ? n : WIDTH_MAX;
	}
	for (i = 0; i < t->rows; i++) {
		n = strlen(report_framework_ids(ids, p->framework, t->topic[i]));
		if (n > w->ids)
			w->ids = n < WIDTH_MAX ? n : WIDTH_MAX;
	}
}

static void put_cell(const struct report_print *p, const char *text, size_t width, int right,
    int last)
{
	size_t n = width_of(text), pad = n < width ? width - n : 0;

	put_blanks(p, right ? pad : 0);
	put(p, text);
	if (!last)
		put_blanks(p, (right ? 0 : pad) + GAP);
}

static void put_heads(const struct report_print *p, const struct report_table *t,
    const struct widths *w)
{
	unsigned k;

	put(p, "  ");
	if (p->framework != NULL)
		put_cell(p, "FOR", w->ids, 0, 0);
	for (k = 0; k < t->columns; k++)
		put_cell(p, t->column[k].head, w->column[k], report_cell_right(t->column[k].type),
		    k + 1 == t->columns);
	put(p, "\n");
}

static void put_table(const struct report_print *p, const struct report_table *t)
{
	char ids[REPORT_IDS_MAX];
	struct widths w;
	size_t i;
	unsigned k;

	put(p, "\n  ");
	put(p, t->title);
	put(p, t->rows == 0 ? ": none\n" : "\n");
	if (t->rows == 0)
		return;
	measure(p, t, &w);
	put_heads(p, t, &w);
	for (i = 0; i < t->rows; i++) {
		put(p, "  ");
		if (p->framework != NULL)
			put_cell(p, report_framework_ids(ids, p->framework, t->topic[i]), w.ids, 0,
			    0);
		for (k = 0; k < t->columns; k++)
			put_cell(p, report_cell(cell, t->column[k].type,
			    &t->cell[i * t->columns + k]), w.column[k],
			    report_cell_right(t->column[k].type), k + 1 == t->columns);
		put(p, "\n");
	}
}

static void put_section(const struct report_print *p, enum report_section_id id)
{
	const struct report_section *s = &p->report->section[id];
	char number[8];
	unsigned i;

	snprintf(number, sizeof number, "%d. ", (int)id + 1);
	put(p, "\n\n");
	put(p, number);
	put_upper(p, report_section_title(id));
	put(p, "\n");
	put(p, report_section_about(id));
	put(p, "\n");
	put(p, s->facts > 0 ? "\n" : "");
	put_facts(p, s);
	put_gaps(p, s);
	for (i = 0; i < s->tables; i++)
		put_table(p, &s->table[i]);
}

/* Where a requirement's evidence is, with how many rows. */
static void put_evidence(const struct report_print *p, const struct report_requirement *q)
{
	unsigned i, k;
	size_t rows, any = 0;
	char count[48];

	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];

		for (k = 0; k < s->tables; k++) {
			rows = report_framework_rows(&s->table[k], q->topics);
			if (rows == 0)
				continue;
			snprintf(count, sizeof count, ": %zu row%s\n", rows, rows == 1 ? "" : "s");
			put(p, any++ == 0 ? "  there is   " : "             ");
			put(p, report_section_title((enum report_section_id)i));
			put(p, ", ");
			put(p, s->table[k].title);
			put(p, count);
		}
	}
	if (any == 0)
		put(p, "  there is   no row in this report\n");
}

static void put_missing(const struct report_print *p, const struct report_requirement *q)
{
	unsigned i;
	size_t k, any = 0;

	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];

		for (k = 0; k < s->gaps; k++) {
			if ((s->gap[k].topics & q->topics) == 0 || s->gap[k].text == NULL)
				continue;
			put(p, any++ == 0 ? "  missing    " : "             ");
			put_wrapped(p, 13, escape_str(cell, sizeof cell, s->gap[k].text));
		}
	}
	if (any == 0)
		put(p, "  missing    nothing of what this report looks for\n");
	if (q->elsewhere != NULL) {
		put(p, "  elsewhere  ");
		put_wrapped(p, 13, q->elsewhere);
	}
}

static void put_requirements(const struct report_print *p)
{
	const struct report_framework *f = p->framework;
	unsigned i;

	put(p, "\n\n");
	put_upper(p, f->name);
	put(p, "\nWhat there is for each requirement, and what is missing.  Whether that is enough, "
	    "an auditor says.\n");
	for (i = 0; i < f->requirements; i++) {
		put(p, "\n");
		put(p, f->requirement[i].id);
		put(p, "  ");
		put(p, f->requirement[i].asks);
		put(p, "\n");
		put_evidence(p, &f->requirement[i]);
		put_missing(p, &f->requirement[i]);
	}
}

void report_print_text(const struct report_print *p)
{
	int i;

	put(p, "shellac report: ");
	put(p, escape_str(cell, sizeof cell, p->subject));
	put(p, "\nEvidence and gaps.  All times are UTC.\n");
	if (p->framework != NULL)
		put_requirements(p);
	for (i = 0; i < REPORT_SECTIONS; i++)
		put_section(p, (enum report_section_id)i);
}
