/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "escape.h"
#include "report/report_cell.h"
#include "report/report_html.h"
#include "report/report_print.h"

#define LONG_WORD 24 /* characters */

static char cell[REPORT_CELL_MAX];

static void put(const struct report_print *p, const char *markup)
{
	sink_str(p->out, markup);
}

/* Text in or between tags: nothing of it is markup. */
static void put_plain(const struct report_print *p, const char *s)
{
	size_t n;

	for (; *s != '\0'; s += n + 1) {
		n = strcspn(s, "&<>\"'");
		sink_put(p->out, s, n);
		switch (s[n]) {
		case '\0': return;
		case '&': put(p, "&amp;"); break;
		case '<': put(p, "&lt;"); break;
		case '>': put(p, "&gt;"); break;
		case '"': put(p, "&quot;"); break;
		default: put(p, "&#39;"); break;
		}
	}
}

/* The same for bytes from outside. */
static void put_text(const struct report_print *p, const char *s)
{
	put_plain(p, escape_str(cell, sizeof cell, s));
}

static void put_number(const struct report_print *p, size_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%zu", n);
	put(p, text);
}

static void put_value(const struct report_print *p, enum report_type type,
    const union report_value *v)
{
	int code = type == REPORT_COMMAND && v->text != NULL;

	put(p, code ? "<code>" : "");
	put_plain(p, report_cell(cell, type, v));
	put(p, code ? "</code>" : "");
}

/* A mark for each requirement that these topics are evidence for. */
static void put_chips(const struct report_print *p, unsigned topics)
{
	const struct report_framework *f = p->framework;
	unsigned i;

	for (i = 0; f != NULL && i < f->requirements; i++) {
		if ((f->requirement[i].topics & topics) == 0)
			continue;
		put(p, "<a class=\"chip\" href=\"#q");
		put_number(p, i);
		put(p, "\">");
		put_plain(p, f->requirement[i].id);
		put(p, "</a>");
	}
}

static void put_facts(const struct report_print *p, const struct report_section *s)
{
	size_t i;

	if (s->facts == 0)
		return;
	put(p, "<dl>\n");
	for (i = 0; i < s->facts; i++) {
		put(p, "<dt>");
		put_plain(p, s->fact[i].name);
		put(p, "</dt><dd>");
		put_value(p, s->fact[i].type, &s->fact[i].value);
		put(p, "</dd>\n");
	}
	put(p, "</dl>\n");
}

static void put_gap(const struct report_print *p, const struct report_gap *g)
{
	put(p, "<li><b>Missing:</b> ");
	put_text(p, g->text != NULL ? g->text : "");
	if (g->command != NULL) {
		put(p, " <code>");
		put_text(p, g->command);
		put(p, "</code>");
	}
	put(p, "</li>\n");
}

static void put_gaps(const struct report_print *p, const struct report_section *s)
{
	size_t i;

	if (s->gaps == 0)
		return;
	put(p, "<ul class=\"gaps\">\n");
	for (i = 0; i < s->gaps; i++)
		put_gap(p, &s->gap[i]);
	put(p, "</ul>\n");
}

/* How wide a column must be: numbers and times stay in one line. */
static const char *class_of(enum report_type type)
{
	return report_cell_right(type) ? " class=\"r\"" : type == REPORT_WALL ? " class=\"w\"" : "";
}

/* Is there a word that a column cannot be as wide as? */
static int is_long(const char *s)
{
	size_t n;

	for (; *s != '\0'; s += n + (s[n] != '\0'))
		if ((n = strcspn(s, " ")) > LONG_WORD)
			return 1;
	return 0;
}

static void put_heads(const struct report_print *p, const struct report_table *t)
{
	unsigned k;

	put(p, "<thead><tr>");
	if (p->framework != NULL)
		put(p, "<th scope=\"col\">For</th>");
	for (k = 0; k < t->columns; k++) {
		put(p, "<th scope=\"col\"");
		put(p, class_of(t->column[k].type));
		put(p, ">");
		put_plain(p, t->column[k].head);
		put(p, "</th>");
	}
	put(p, "</tr></thead>\n");
}

static void put_row(const struct report_print *p, const struct report_table *t, size_t i)
{
	unsigned k;

	put(p, "<tr>");
	if (p->framework != NULL) {
		put(p, "<td>");
		put_chips(p, t->topic[i]);
		put(p, "</td>");
	}
	for (k = 0; k < t->columns; k++) {
		const union report_value *v = &t->cell[i * t->columns + k];
		enum report_type type = t->column[k].type;
		int is_text = type == REPORT_TEXT && v->text != NULL;

		put(p, "<td");
		put(p, is_text && is_long(v->text) ? " class=\"l\"" : class_of(type));
		put(p, ">");
		put_value(p, type, v);
		put(p, "</td>");
	}
	put(p, "</tr>\n");
}

static void put_table(const struct report_print *p, const struct report_table *t)
{
	size_t i;

	put(p, "<h3>");
	put_plain(p, t->title);
	put(p, " <small>");
	if (t->rows == 0)
		put(p, "none");
	else
		put_number(p, t->rows);
	put(p, "</small></h3>\n");
	if (t->rows == 0)
		return;
	put(p, "<div class=\"scroll\" tabindex=\"0\"><table>\n");
	put_heads(p, t);
	put(p, "<tbody>\n");
	for (i = 0; i < t->rows; i++)
		put_row(p, t, i);
	put(p, "</tbody></table></div>\n");
}

static void put_section(const struct report_print *p, enum report_section_id id)
{
	const struct report_section *s = &p->report->section[id];
	unsigned i;

	put(p, "<section id=\"");
	put(p, report_section_key(id));
	put(p, "\">\n<h2><small>");
	put_number(p, (size_t)id + 1);
	put(p, "</small> ");
	put_plain(p, report_section_title(id));
	put(p, "</h2>\n<p class=\"soft\">");
	put_plain(p, report_section_about(id));
	put(p, "</p>\n");
	put_facts(p, s);
	put_gaps(p, s);
	for (i = 0; i < s->tables; i++)
		put_table(p, &s->table[i]);
	put(p, "</section>\n");
}

/* Links to the tables that have rows for a requirement. */
static void put_evidence(const struct report_print *p, const struct report_requirement *q)
{
	unsigned i, k;
	size_t rows, any = 0;

	put(p, "<p>There is: ");
	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];

		for (k = 0; k < s->tables; k++) {
			rows = report_framework_rows(&s->table[k], q->topics);
			if (rows == 0)
				continue;
			put(p, any++ > 0 ? "; <a href=\"#" : "<a href=\"#");
			put(p, report_section_key((enum report_section_id)i));
			put(p, "\">");
			put_plain(p, s->table[k].title);
			put(p, "</a> (");
			put_number(p, rows);
			put(p, ")");
		}
	}
	put(p, any == 0 ? "no row in this report.</p>\n" : ".</p>\n");
}

static void put_missing(const struct report_print *p, const struct report_requirement *q)
{
	unsigned i;
	size_t k, any = 0;

	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];

		for (k = 0; k < s->gaps; k++) {
			if ((s->gap[k].topics & q->topics) == 0)
				continue;
			put(p, any++ == 0 ? "<ul class=\"gaps\">\n" : "");
			put_gap(p, &s->gap[k]);
		}
	}
	put(p, any > 0 ? "</ul>\n" : "<p>Missing: nothing of what this report looks for.</p>\n");
	if (q->elsewhere != NULL) {
		put(p, "<p class=\"soft\">Not from here: ");
		put_plain(p, q->elsewhere);
		put(p, ".</p>\n");
	}
}

static void put_requirements(const struct report_print *p)
{
	const struct report_framework *f = p->framework;
	unsigned i;

	put(p, "<section id=\"requirements\">\n<h2>");
	put_plain(p, f->name);
	put(p, "</h2>\n<p class=\"soft\">What there is for each requirement, and what is missing. "
	    "Whether that is enough, an auditor says.</p>\n");
	for (i = 0; i < f->requirements; i++) {
		put(p, "<article id=\"q");
		put_number(p, i);
		put(p, "\"><h3>");
		put_plain(p, f->requirement[i].id);
		put(p, " <small>");
		put_plain(p, f->requirement[i].asks);
		put(p, "</small></h3>\n");
		put_evidence(p, &f->requirement[i]);
		put_missing(p, &f->requirement[i]);
		put(p, "</article>\n");
	}
	put(p, "</section>\n");
}

static void put_nav(const struct report_print *p)
{
	unsigned i;

	put(p, "<nav aria-label=\"Sections\"><ol>\n");
	if (p->framework != NULL) {
		put(p, "<li><a href=\"#requirements\">");
		put_plain(p, p->framework->name);
		put(p, "</a></li>\n");
	}
	for (i = 0; i < REPORT_SECTIONS; i++) {
		const struct report_section *s = &p->report->section[i];
		int findings = i == REPORT_FINDINGS && s->tables > 0 && s->table[0].rows > 0;

		put(p, "<li><a href=\"#");
		put(p, report_section_key((enum report_section_id)i));
		put(p, "\">");
		put_plain(p, report_section_title((enum report_section_id)i));
		put(p, "</a>");
		if (s->gaps > 0 || findings) {
			put(p, findings ? "<span class=\"count bad\">" : "<span class=\"count\">");
			put_number(p, findings ? s->table[0].rows : s->gaps);
			put(p, findings ? " found</span>" : " missing</span>");
		}
		put(p, "</li>\n");
	}
	put(p, "</ol></nav>\n");
}

/* Nothing is loaded, nothing runs, and no style counts but the one whose digest this is. */
static void put_policy(const struct report_print *p)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[BASE64_SIZE(sizeof hash)];

	crypto_hash_sha256(hash, (const uint8_t *)report_html_style, strlen(report_html_style));
	base64_put(text, hash, sizeof hash);
	put(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'sha256-");
	put(p, text);
	put(p, "'; base-uri 'none'; form-action 'none'\">\n");
}

void report_print_html(const struct report_print *p)
{
	unsigned i;

	put(p, "<!DOCTYPE html>\n<html lang=\"en\"><head>\n<meta charset=\"utf-8\">\n");
	put_policy(p);
	put(p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>shellac report: ");
	put_text(p, p->subject);
	put(p, "</title>\n<style>");
	put(p, report_html_style);
	put(p, "</style>\n</head><body>\n<header>\n<h1>shellac report: ");
	put_text(p, p->subject);
	put(p, "</h1>\n<p class=\"soft\">Evidence and gaps. All times are UTC.</p>\n</header>\n");
	put_nav(p);
	put(p, "<main>\n");
	if (p->framework != NULL)
		put_requirements(p);
	for (i = 0; i < REPORT_SECTIONS; i++)
		put_section(p, (enum report_section_id)i);
	put(p, "</main>\n</body></html>\n");
}
