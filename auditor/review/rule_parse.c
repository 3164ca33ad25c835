/* SPDX-License-Identifier: ISC */
/* One line of a rules file. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "words/options.h"
#include "review/rules.h"
#include "utf8.h"

#define BLANKS " \t"
#define WORD_SIZE 256
#define SEVERITY_MAX 100

struct line {
	const char *p;        /* what is left */
	char *why;
	unsigned seen;        /* clauses, by bit */
};

enum clause { SEVERITY, ON, USER, HOST, TIME, DAYS };

static const char *const on_words[] = { "command", "typed", "output", "session" };
static const char *const day_words[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

const char *rule_on_word(enum rule_on on)
{
	return on_words[on];
}

static int wrong(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int wrong(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why, PATTERN_WHY, fmt, ap);
	va_end(ap);
	return E_FORMAT;
}

static void skip_blanks(struct line *l)
{
	l->p += strspn(l->p, BLANKS);
}

/* The next word into out: 1, 0 at the end of the line, or E_FORMAT. */
static int take_word(struct line *l, char out[WORD_SIZE])
{
	size_t len;

	skip_blanks(l);
	len = strcspn(l->p, BLANKS);
	if (len >= WORD_SIZE)
		return wrong(l, "a word is longer than %d bytes", WORD_SIZE - 1);
	memcpy(out, l->p, len);
	out[len] = '\0';
	l->p += len;
	return len > 0;
}

/* The word that has to follow what; 0 or E_FORMAT. */
static int need_word(struct line *l, const char *what, const char *wanted, char out[WORD_SIZE])
{
	int r = take_word(l, out);

	return r < 0 ? r : r == 0 ? wrong(l, "behind \"%s\" there is to be %s", what, wanted) : 0;
}

/* What stands up to the character that it began with, into out: a backslash before that is
 * taken off, in quotation marks before a backslash too. */
static void unquote(struct line *l, char end, char out[RULES_LINE_MAX + 1])
{
	for (; *l->p != '\0' && *l->p != end; l->p++) {
		if (*l->p == '\\' && (l->p[1] == end || (end == '"' && l->p[1] == '\\')))
			l->p++;
		else if (*l->p == '\\' && end == '/' && l->p[1] != '\0')
			*out++ = *l->p++; /* what is escaped may be a backslash itself */
		*out++ = *l->p;
	}
	*out = '\0';
}

static int take_pattern(struct line *l, struct rule *r)
{
	char end = *l->p++, text[RULES_LINE_MAX + 1];
	unsigned flags = end == '/' ? PATTERN_REGEX : 0;

	unquote(l, end, text);
	if (*l->p != end)
		return wrong(l, "the pattern has no closing %c", end);
	l->p++;
	if (*l->p == 'i') {
		flags |= PATTERN_NOCASE;
		l->p++;
	}
	if (*l->p != '\0' && strchr(BLANKS, *l->p) == NULL)
		return wrong(l, "behind the pattern's %c only an i may stand", end);
	return pattern_new(&r->pattern, text, flags, l->why);
}

static int take_on(struct line *l, struct rule *r, enum rule_on on)
{
	r->on = on;
	skip_blanks(l);
	if (*l->p == '"' || *l->p == '/')
		return take_pattern(l, r);
	return on == RULE_SESSION ? 0 : wrong(l, "behind \"%s\" there is to be a pattern, \"TEXT\" or "
	    "/EXPRESSION/", on_words[on]);
}

static int take_severity(struct line *l, struct rule *r)
{
	unsigned long long v;
	char word[WORD_SIZE];
	int e = need_word(l, "severity", "a number", word);

	if (e != 0)
		return e;
	if (opt_number(word, SEVERITY_MAX, &v) != 0 || v == 0)
		return wrong(l, "severity is a number from 1 to %d", SEVERITY_MAX);
	r->severity = (unsigned)v;
	return 0;
}

/* "A,B,C" */
static int take_names(struct line *l, struct rule_names *n, const char *what, int not)
{
	char word[WORD_SIZE], *name, *rest = word;
	int e = need_word(l, what, "names, joined by commas", word);

	if (e != 0)
		return e;
	n->not = not;
	while ((name = strsep(&rest, ",")) != NULL) {
		if (name[0] == '\0')
			return wrong(l, "%s has an empty name", what);
		if (n->names == RULE_NAMES_MAX)
			return wrong(l, "%s has more than %d names", what, RULE_NAMES_MAX);
		n->name[n->names] = strdup(name);
		if (n->name[n->names] == NULL)
			return -ENOMEM;
		n->names++;
	}
	return 0;
}

/* "HH:MM" up to end; minutes or -1. */
static int minutes(const char *s, char end)
{
	int i;

	for (i = 0; i < 5; i++)
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	i = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] - '0';
	return s[5] == end && s[3] < '6' && i < 24 * 60 ? i : -1;
}

static int take_time(struct line *l, struct rule *r)
{
	char word[WORD_SIZE];
	int e = need_word(l, "time", "HH:MM-HH:MM", word), from, to;

	if (e != 0)
		return e;
	from = minutes(word, '-');
	to = from < 0 ? -1 : minutes(word + 6, '\0');
	if (to < 0 || from == to)
		return wrong(l, "time is HH:MM-HH:MM, as 22:00-06:00");
	r->from_min = (unsigned)from;
	r->to_min = (unsigned)to;
	return 0;
}

static int take_days(struct line *l, struct rule *r)
{
	char word[WORD_SIZE], *day, *rest = word;
	int e = need_word(l, "days", "days of the week", word);
	unsigned i;

	if (e != 0)
		return e;
	while ((day = strsep(&rest, ",")) != NULL) {
		for (i = 0; i < 7 && strcmp(day, day_words[i]) != 0; i++)
			;
		if (i == 7)
			return wrong(l, "days are of sun,mon,tue,wed,thu,fri,sat, joined by commas");
		r->days |= 1u << i;
	}
	return 0;
}

/* Each clause stands once. */
static int once(struct line *l, enum clause c, const char *word)
{
	if (l->seen & (1u << c))
		return wrong(l, c == ON ? "a rule is about one thing: \"%s\" is a second one" :
		    "\"%s\" stands there twice", word);
	l->seen |= 1u << c;
	return 0;
}

static int take_not(struct line *l, struct rule *r)
{
	char word[WORD_SIZE];
	int e = need_word(l, "not", "user or host", word);

	if (e == 0 && strcmp(word, "user") == 0)
		return (e = once(l, USER, word)) != 0 ? e : take_names(l, &r->users, word, 1);
	if (e == 0 && strcmp(word, "host") == 0)
		return (e = once(l, HOST, word)) != 0 ? e : take_names(l, &r->hosts, word, 1);
	return e != 0 ? e : wrong(l, "behind \"not\" there is to be user or host");
}

static int take_clause(struct line *l, struct rule *r, const char *word)
{
	static const char *const words[] = { "severity", "", "user", "host", "time", "days" };
	unsigned i;
	int e;

	if (strcmp(word, "not") == 0)
		return take_not(l, r);
	for (i = 0; i < sizeof(on_words) / sizeof(on_words[0]); i++)
		if (strcmp(word, on_words[i]) == 0)
			return (e = once(l, ON, word)) != 0 ? e : take_on(l, r, (enum rule_on)i);
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && strcmp(word, words[i]) != 0; i++)
		;
	if (i == sizeof(words) / sizeof(words[0]))
		return wrong(l, "\"%s\" is no word of a rule; shellac-rules(5) has them", word);
	e = once(l, (enum clause)i, word);
	if (e != 0)
		return e;
	switch ((enum clause)i) {
	case SEVERITY: return take_severity(l, r);
	case USER: return take_names(l, &r->users, word, 0);
	case HOST: return take_names(l, &r->hosts, word, 0);
	case TIME: return take_time(l, r);
	default: return take_days(l, r);
	}
}

static int take_name(struct line *l, struct rule *r)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char word[WORD_SIZE];
	int e = take_word(l, word);

	if (e < 0)
		return e;
	if (strcmp(word, "rule") != 0)
		return wrong(l, "a line begins with \"rule\", or is a comment that begins with #");
	e = need_word(l, "rule", "its name", word);
	if (e != 0)
		return e;
	if (word[strspn(word, letters)] != '\0' || strlen(word) >= sizeof r->name)
		return wrong(l, "a rule's name is at most %d of a-z A-Z 0-9 . _ -", RULE_NAME_SIZE - 1);
	memcpy(r->name, word, strlen(word) + 1);
	return 0;
}

static int is_text(const char *s)
{
	size_t len = strlen(s);
	uint32_t cp;
	int n;

	for (; len > 0; s += n, len -= (size_t)n) {
		n = utf8_next((const uint8_t *)s, len, &cp);
		if (n <= 0 || (cp < ' ' && cp != '\t') || cp == 0x7f)
			return 0;
	}
	return 1;
}

static int parse(struct line *l, struct rule *r)
{
	char word[WORD_SIZE];
	int e;

	if (strlen(l->p) > RULES_LINE_MAX || !is_text(l->p))
		return wrong(l, "it is too long, or not UTF-8 text");
	e = take_name(l, r);
	while (e == 0 && (e = take_word(l, word)) > 0)
		e = take_clause(l, r, word);
	if (e == 0 && (l->seen & (1u << ON)) == 0)
		e = wrong(l, "what it looks at is missing: command, typed, output or session");
	if (e == 0 && r->pattern == NULL && (l->seen & ~(1u << ON | 1u << SEVERITY)) == 0)
		e = wrong(l, "without pattern, user, host, time or days every session fits");
	return e;
}

int rule_parse(struct rule *out, const char *line, char why[PATTERN_WHY])
{
	struct rule r = { .severity = RULE_SEVERITY };
	struct line l = { .p = line, .why = why };
	int e;

	skip_blanks(&l);
	if (*l.p == '\0' || *l.p == '#')
		return 0;
	e = parse(&l, &r);
	if (e != 0) {
		rule_release(&r);
		return e;
	}
	*out = r;
	return 1;
}

static void release_names(struct rule_names *n)
{
	while (n->names > 0)
		free(n->name[--n->names]);
}

void rule_release(struct rule *r)
{
	release_names(&r->users);
	release_names(&r->hosts);
	pattern_free(r->pattern);
}
