/* SPDX-License-Identifier: ISC */
#include "review/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "err.h"
#include "io.h"

struct rules {
	struct rule *rule;
	size_t count, room;
};

/* The line of len bytes.  0 or negative, with why. */
static int take_line(struct rules *r, const char *text, size_t len, unsigned number,
    char why[PATTERN_WHY])
{
	char line[RULES_LINE_MAX + 1];
	const struct rule *same;
	struct rule one;
	int e;

	if (len > RULES_LINE_MAX || memchr(text, '\0', len) != NULL) {
		snprintf(why, PATTERN_WHY, "it is longer than %d bytes, or has a zero byte",
		    RULES_LINE_MAX);
		return E_FORMAT;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	if ((e = rule_parse(&one, line, why)) <= 0)
		return e;
	one.line = number;
	same = rules_find(r, one.name);
	if (same != NULL)
		snprintf(why, PATTERN_WHY, "line %u has a rule %s, too", same->line, one.name);
	else if (r->count == RULES_MAX)
		snprintf(why, PATTERN_WHY, "there are more than %d rules", RULES_MAX);
	e = same != NULL || r->count == RULES_MAX ? E_FORMAT :
	    array_room(&r->rule, r->count, &r->room, sizeof *r->rule);
	if (e == 0)
		r->rule[r->count++] = one;
	else
		rule_release(&one);
	return e;
}

int rules_parse(struct rules **out, const char *text, size_t len, unsigned *line,
    char why[PATTERN_WHY])
{
	struct rules *r = calloc(1, sizeof *r);
	const char *p = text, *end;
	unsigned number = 0;
	int e = r == NULL ? -ENOMEM : 0;

	why[0] = '\0';
	for (; e == 0 && p < text + len; p = end + 1) {
		end = memchr(p, '\n', (size_t)(text + len - p));
		if (end == NULL)
			end = text + len;
		e = take_line(r, p, (size_t)(end - p), ++number, why);
	}
	if (e != 0) {
		*line = e == E_FORMAT ? number : 0;
		rules_free(r);
		return e;
	}
	*out = r;
	return 0;
}

int rules_load(struct rules **out, const char *path, unsigned *line, char why[PATTERN_WHY])
{
	uint8_t *text = NULL;
	size_t len = 0;
	int r = path[0] != '\0' ? io_read_file(AT_FDCWD, path, RULES_FILE_MAX, &text, &len) : 0;

	*line = 0;
	if (r == 0)
		r = rules_parse(out, text != NULL ? (char *)text : "", len, line, why);
	else
		snprintf(why, PATTERN_WHY, "%s", err_text(r));
	free(text);
	return r;
}

void rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	while (r->count > 0)
		rule_release(&r->rule[--r->count]);
	free(r->rule);
	free(r);
}

size_t rules_count(const struct rules *r)
{
	return r->count;
}

const struct rule *rules_at(const struct rules *r, size_t i)
{
	return &r->rule[i];
}

const struct rule *rules_find(const struct rules *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->rule[i].name, name) == 0)
			return &r->rule[i];
	return NULL;
}

static int names_fit(const struct rule_names *n, const char *name)
{
	unsigned i;

	for (i = 0; i < n->names; i++)
		if (strcmp(n->name[i], name) == 0)
			return !n->not;
	return n->names == 0 || n->not;
}

static int time_fits(const struct rule *r, int64_t wall_ns)
{
	time_t t = (time_t)(wall_ns / 1000000000 - (wall_ns % 1000000000 < 0));
	unsigned min;
	struct tm tm;

	if (r->from_min == r->to_min && r->days == 0)
		return 1;
	if (localtime_r(&t, &tm) == NULL || (r->days != 0 && (r->days & 1u << tm.tm_wday) == 0))
		return 0;
	min = (unsigned)(tm.tm_hour * 60 + tm.tm_min);
	if (r->from_min <= r->to_min)
		return r->from_min == r->to_min || (min >= r->from_min && min < r->to_min);
	return min >= r->from_min || min < r->to_min;
}

/* A typed line is a command too. */
static int is_about(const struct rule *r, enum rule_on on)
{
	return r->on == on || (r->on == RULE_COMMAND && on == RULE_TYPED);
}

unsigned rules_match(const struct rules *r, const struct rules_subject *s,
    void (*hit)(void *arg, const struct rule *rule, size_t at, size_t len), void *arg)
{
	unsigned undecided = 0;
	size_t i, at, len;
	int found;

	for (i = 0; i < r->count; i++) {
		const struct rule *rule = &r->rule[i];

		if (!is_about(rule, s->on) || !names_fit(&rule->users, s->user) ||
		    !names_fit(&rule->hosts, s->host) || !time_fits(rule, s->wall_ns))
			continue;
		at = len = 0;
		found = rule->pattern == NULL ? 1 :
		    pattern_find(rule->pattern, s->text, s->len, 0, &at, &len);
		if (found > 0)
			hit(arg, rule, at, len);
		undecided += found < 0;
	}
	return undecided;
}
