/* SPDX-License-Identifier: ISC */
#include "search/trigram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FOLD_STACK 4096

/*
 * Lower case for ASCII, and for the two other characters that are an ASCII letter's other
 * case: KELVIN SIGN and LATIN SMALL LETTER LONG S.  What is compared without case elsewhere
 * in Unicode is not used, see fit_for().  Writes at most len bytes; returns how many.
 */
static size_t fold(uint8_t *out, const uint8_t *p, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z') {
			out[n++] = (uint8_t)(p[i] | 0x20);
		} else if (p[i] == 0xe2 && len - i >= 3 && p[i + 1] == 0x84 && p[i + 2] == 0xaa) {
			out[n++] = 'k';
			i += 2;
		} else if (p[i] == 0xc5 && len - i >= 2 && p[i + 1] == 0xbf) {
			out[n++] = 's';
			i++;
		} else {
			out[n++] = p[i];
		}
	}
	return n;
}

static uint32_t place_of(uint32_t trigram)
{
	return (trigram * UINT32_C(0x9e3779b1)) >> 17; /* 15 bits: TRIGRAM_PLACES */
}

static void add_folded(struct trigrams *t, const uint8_t *p, size_t len)
{
	uint32_t three, place;
	uint8_t bit;

	if (len < 3)
		return;
	three = (uint32_t)p[0] << 8 | p[1];
	for (size_t i = 2; i < len; i++) {
		three = (three << 8 | p[i]) & 0xffffff;
		place = place_of(three);
		bit = (uint8_t)(1u << (place & 7));
		t->set += (t->bit[place >> 3] & bit) == 0;
		t->bit[place >> 3] |= bit;
	}
}

int trigrams_add(struct trigrams *t, const char *line, size_t len)
{
	uint8_t stack[FOLD_STACK], *folded = stack;

	if (len > sizeof stack && (folded = malloc(len)) == NULL)
		return -ENOMEM;
	add_folded(t, folded, fold(folded, (const uint8_t *)line, len));
	if (folded != stack)
		free(folded);
	return 0;
}

/* Is what follows each other here in each line that the pattern fits?  Without case a
 * character that is not ASCII may be another one there. */
static int fit_for(unsigned flags, const uint8_t *p)
{
	return !(flags & PATTERN_NOCASE) || (p[0] < 0x80 && p[1] < 0x80 && p[2] < 0x80);
}

static void need_place(struct need *n, uint32_t place)
{
	for (unsigned i = 0; i < n->places; i++)
		if (n->place[i] == place)
			return;
	if (n->places < NEED_PLACES)
		n->place[n->places++] = (uint16_t)place;
}

/* A text that has to be in the line. */
static void need_text(struct need *n, const char *text, size_t len, unsigned flags)
{
	uint8_t folded[PATTERN_MAX];

	if (len > sizeof folded)
		return;
	len = fold(folded, (const uint8_t *)text, len);
	for (size_t i = 0; i + 3 <= len; i++)
		if (fit_for(flags, folded + i))
			need_place(n, place_of((uint32_t)folded[i] << 16 |
			    (uint32_t)folded[i + 1] << 8 | folded[i + 2]));
}

static void next_alternative(struct needs *n, const struct need *done)
{
	if (done->places == 0 || n->needs == NEED_ALTERNATIVES)
		n->any = 1;
	else
		n->need[n->needs++] = *done;
}

/* The literal text at hand of a regular expression. */
struct run {
	char text[PATTERN_MAX];
	size_t len, last; /* last: where its last character begins */
	unsigned flags;
	struct need need;
};

static void run_end(struct run *r)
{
	need_text(&r->need, r->text, r->len, r->flags);
	r->len = r->last = 0;
}

static void run_add(struct run *r, char c)
{
	if (((uint8_t)c & 0xc0) != 0x80)
		r->last = r->len;
	r->text[r->len++] = c;
}

/* At the ":" of a name as [:alpha:]: its last character, or NULL. */
static const char *skip_posix(const char *p)
{
	const char *end = p + 1 + strspn(p + 1, "^abcdefghijklmnopqrstuvwxyz");

	return *p == ':' && end[0] == ':' && end[1] == ']' ? end + 1 : NULL;
}

/* Behind a "[" at p: where the class ends, or NULL. */
static const char *skip_class(const char *p)
{
	p += *p == '^';
	p += *p == ']';
	for (; *p != '\0' && *p != ']'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '[' && (p[1] == ':' || p[1] == '.' || p[1] == '='))
			if ((p = skip_posix(p + 1)) == NULL)
				return NULL;
	}
	return *p == ']' ? p + 1 : NULL;
}

/* Behind a "(" at p: where the group ends, or NULL. */
static const char *skip_group(const char *p)
{
	unsigned depth = 1;

	if (*p == '*' || (*p == '?' && p[1] != ':'))
		return NULL;
	while (*p != '\0') {
		char c = *p++;

		if (c == '\\' && *p != '\0')
			p++;
		else if (c == '[' && (p = skip_class(p)) == NULL)
			return NULL;
		else if (c == '(' && (*p == '*' || (*p == '?' && p[1] != ':')))
			return NULL;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return p;
	}
	return NULL;
}

/* A quantifier that may be zero: the character before it need not be there. */
static const char *quantifier(struct run *r, const char *p)
{
	if (*p != '+')
		r->len = r->last;
	run_end(r);
	if (*p == '{') {
		p += 1 + strspn(p + 1, "0123456789,");
		return *p == '}' ? p + 1 : NULL;
	}
	return p + 1;
}

/* Behind a "\" at p. */
static const char *escaped(struct run *r, const char *p)
{
	if (*p != '\0' && strchr("dDwWsSbBhHvV", *p) != NULL)
		run_end(r);
	else if ((*p >= '!' && *p <= '/') || (*p >= ':' && *p <= '@') ||
	    (*p >= '[' && *p <= '`') || (*p >= '{' && *p <= '~'))
		run_add(r, *p);
	else
		return NULL;
	return p + 1;
}

/* Takes one item of the expression at p, not the end of an alternative.  NULL: it is one
 * of which nothing is known. */
static const char *item(struct run *r, const char *p)
{
	switch (*p) {
	case '\\':
		return escaped(r, p + 1);
	case '[':
		run_end(r);
		return skip_class(p + 1);
	case '(':
		run_end(r);
		return skip_group(p + 1);
	case '*':
	case '?':
	case '+':
	case '{':
		return quantifier(r, p);
	case '.':
	case '^':
	case '$':
		run_end(r);
		return p + 1;
	case ')':
		return NULL;
	default:
		run_add(r, *p);
		return p + 1;
	}
}

/* Its alternatives, each with what it has to have.  Whatever is not plain is taken to mean
 * that nothing can be said. */
static void needs_regex(struct needs *n, const struct pattern *pattern)
{
	struct run *r = calloc(1, sizeof *r);
	const char *p = pattern_text(pattern);

	if (r != NULL)
		r->flags = pattern_flags(pattern);
	while (r != NULL && p != NULL && *p != '\0' && !n->any) {
		if (*p != '|') {
			p = item(r, p);
			continue;
		}
		run_end(r);
		next_alternative(n, &r->need);
		r->need.places = 0;
		p++;
	}
	if (r == NULL || p == NULL) {
		n->any = 1;
	} else {
		run_end(r);
		next_alternative(n, &r->need);
	}
	free(r);
}

/* Has it what makes the characters behind it mean something else? */
static int is_quoting(const char *text)
{
	return strstr(text, "\\Q") != NULL || strstr(text, "\\E") != NULL ||
	    strstr(text, "\\c") != NULL;
}

void needs_add(struct needs *n, const struct pattern *p)
{
	struct need one = { .places = 0 };

	if (n->any)
		return;
	if (pattern_flags(p) & PATTERN_REGEX) {
		if (is_quoting(pattern_text(p)))
			n->any = 1;
		else
			needs_regex(n, p);
		return;
	}
	need_text(&one, pattern_text(p), strlen(pattern_text(p)), pattern_flags(p));
	next_alternative(n, &one);
}
