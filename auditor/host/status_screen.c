/* SPDX-License-Identifier: ISC */
#include "host/status_screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "escape.h"
#include "host/alerts.h"
#include "host/status_words.h"
#include "output/json.h"

#define COLUMNS 80
#define LINE_MAX_LEN 1024
#define FINDINGS_SHOWN 4 /* of two lines each, so that all of it fits a screen */

#define GREEN "\033[1;32m"
#define YELLOW "\033[1;33m"
#define RED "\033[1;31m"
#define PLAIN "\033[0m"

static void add_finding(void *ctx, const struct alert *a, const char *detail)
{
	json_t *o = json_object(), *list = ctx;
	char text[LINE_MAX_LEN];

	snprintf(text, sizeof(text), "%s%s%s", a->words, detail[0] != '\0' ? ": " : "", detail);
	json_object_set_new(o, "alert", json_string(a->name));
	json_object_set_new(o, "result", json_string(a->fails ? "FAIL" : "WARN"));
	json_object_set_new(o, "text", json_bytes(text));
	json_object_set_new(o, "fix", json_string(a->remedy));
	json_array_append_new(list, o);
}

int status_judge(json_t *status)
{
	json_t *found = json_array();
	const char *worst;

	alerts_look(status, add_finding, found);
	/* those that fail come first */
	worst = alerts_text(json_array_get(found, 0), "result");
	json_object_set_new(status, "verdict", json_string(worst[0] == '\0' ? "fine" :
	    worst[0] == 'F' ? "fails" : "warns"));
	json_object_set_new(status, "findings", found);
	return worst[0] == 'F' ? AUDIT_FINDING : AUDIT_OK;
}

/* What a screen is told of: where it goes. */
struct screen {
	const json_t *status;
	int terminal, color;
};

static void put_line(const struct screen *s, const char *color, const char *head,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Its head in color, all of it cut to what fits where it is a terminal. */
static void put_line(const struct screen *s, const char *color, const char *head,
    const char *fmt, ...)
{
	char text[LINE_MAX_LEN], safe[2 * LINE_MAX_LEN];
	size_t room = COLUMNS - (strlen(head) > 12 ? strlen(head) + 1 : 12);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	escape_str(safe, s->terminal ? room : sizeof(safe), text);
	if (s->color)
		printf("%s%-11s" PLAIN " %s\n", color, head, safe);
	else
		printf("%-11s %s\n", head, safe);
}

static void put_verdict(const struct screen *s)
{
	const json_t *found = json_object_get(s->status, "findings"), *f;
	unsigned fails = 0, warns = 0;
	char head[64], up[32], rss[24];
	size_t i;

	json_array_foreach (found, i, f) {
		fails += alerts_text(f, "result")[0] == 'F';
		warns += alerts_text(f, "result")[0] == 'W';
	}
	if (fails > 0)
		snprintf(head, sizeof(head), "%u THING%s WRONG", fails, fails > 1 ? "S ARE" : " IS");
	else if (warns > 0)
		snprintf(head, sizeof(head), "%u THING%s TO LOOK AT", warns, warns > 1 ? "S" : "");
	else
		snprintf(head, sizeof(head), "ALL RIGHT");
	words_time(up, sizeof(up), alerts_number(s->status, "uptime_s"));
	words_bytes(rss, sizeof(rss), alerts_number(s->status, "rss"));
	put_line(s, fails > 0 ? RED : warns > 0 ? YELLOW : GREEN, head,
	    "%s: shellacd %s, pid %lld, up %s, %s", alerts_text(s->status, "host"),
	    alerts_text(s->status, "version"), alerts_number(s->status, "pid"), up, rss);
}

static void put_findings(const struct screen *s)
{
	const json_t *found = json_object_get(s->status, "findings"), *f;
	size_t i;

	json_array_foreach (found, i, f) {
		if (i == FINDINGS_SHOWN && json_array_size(found) > FINDINGS_SHOWN) {
			put_line(s, YELLOW, "", "and %zu more: shellac status --json",
			    json_array_size(found) - i);
			break;
		}
		put_line(s, alerts_text(f, "result")[0] == 'F' ? RED : YELLOW,
		    alerts_text(f, "result"), "%s", alerts_text(f, "text"));
		put_line(s, PLAIN, "         ->", "%s", alerts_text(f, "fix"));
	}
	putchar('\n');
}

void status_screen(const json_t *status)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	struct screen s = { .status = status, .terminal = isatty(STDOUT_FILENO) };
	char text[WORDS_MAX];
	unsigned i;

	s.color = s.terminal && (no == NULL || no[0] == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
	put_verdict(&s);
	put_findings(&s);
	for (i = 0; status_parts[i].head != NULL; i++) {
		status_parts[i].words(text, sizeof(text), status);
		if (text[0] != '\0')
			put_line(&s, PLAIN, status_parts[i].head, "%s", text);
	}
}
