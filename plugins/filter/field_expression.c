/* SPDX-License-Identifier: ISC */
#include "field_expression.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "field_node.h"
#include "field_words.h"

struct parser {
	struct field_expression *e;
	struct field_words words; /* its word is the next */
	unsigned depth;
	struct field_wrong *wrong;
};

static int wrong_at(struct parser *p, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int wrong_at(struct parser *p, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->wrong->why, sizeof(p->wrong->why), fmt, ap);
	va_end(ap);
	p->wrong->column = at + 1;
	return E_FORMAT;
}

static int step(struct parser *p, int is_value)
{
	struct field_words *w = &p->words;
	int r = field_words_next(w, is_value);

	if (r == E_RANGE)
		return wrong_at(p, w->begin, "a word of more than %d bytes", FIELD_VALUE_MAX);
	if (r != 0)
		return wrong_at(p, w->begin, w->quoted ? "a quotation mark that is not closed" :
		    "a byte 0");
	return 0;
}

static int is_next(const struct parser *p, enum field_kind kind, const char *word)
{
	return p->words.kind == kind && !p->words.quoted && strcmp(p->words.word, word) == 0;
}

/* A new node's index, -ENOMEM or E_FORMAT. */
static int add(struct parser *p, enum field_op op, int left, int right)
{
	struct field_expression *e = p->e;
	int r;

	if (e->count == FIELD_NODES)
		return wrong_at(p, p->words.begin, "more than %d conditions", FIELD_NODES / 2);
	r = array_room(&e->node, e->count, &e->room, sizeof(*e->node));
	if (r != 0)
		return r;
	e->node[e->count] = (struct field_node){.op = op, .left = left, .right = right};
	return (int)e->count++;
}

/* Letters, digits and _ @ - with dots between them */
static int is_field(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_@-.";
	size_t len = strlen(s);

	return len > 0 && len <= FIELD_NAME_MAX && strspn(s, letters) == len && s[0] != '.' && s[len - 1] != '.' &&
	    strstr(s, "..") == NULL;
}

static const struct {
	const char *text;
	enum field_op op;
	int negated;
} operators[] = {
	{"=", FIELD_EQUAL, 0}, {"!=", FIELD_EQUAL, 1}, {"~", FIELD_MATCHES, 0},
	{"!~", FIELD_MATCHES, 1}, {"<", FIELD_LESS, 0}, {"<=", FIELD_AT_MOST, 0},
	{">", FIELD_GREATER, 0}, {">=", FIELD_AT_LEAST, 0},
};

/* The value behind the operator, which is the next word. */
static int parse_value(struct parser *p, int leaf)
{
	size_t operator_at = p->words.begin;
	char why[PATTERN_WHY];
	int r = step(p, 1);

	if (r != 0)
		return r;
	if (p->words.kind != FIELD_WORD)
		return wrong_at(p, p->words.kind == FIELD_END ? operator_at : p->words.begin,
		    "a value is missing; one with blanks or parentheses stands in \"\"");
	r = field_node_value(&p->e->node[leaf], p->words.word, why);
	if (r == E_FORMAT)
		return wrong_at(p, p->words.begin, "not a regular expression: %s", why);
	return r != 0 ? r : step(p, 0);
}

static int parse_operator(struct parser *p, int leaf)
{
	size_t i, n = sizeof(operators) / sizeof(operators[0]);
	int r;

	for (i = 0; i < n; i++)
		if (is_next(p, FIELD_OPERATOR, operators[i].text))
			break;
	if (i == n)
		return wrong_at(p, p->words.begin, "\"%.64s\": expected exists or one of "
		    "= != < <= > >= ~ !~ behind %.64s", p->words.word, p->e->node[leaf].field);
	p->e->node[leaf].op = operators[i].op;
	if ((r = parse_value(p, leaf)) != 0)
		return r;
	return operators[i].negated ? add(p, FIELD_NOT, leaf, 0) : leaf;
}

static int parse_leaf(struct parser *p)
{
	int leaf, r;

	if (p->words.kind == FIELD_END)
		return wrong_at(p, p->words.begin, "a field was expected, and it ends here");
	if (p->words.kind != FIELD_WORD || !is_field(p->words.word))
		return wrong_at(p, p->words.begin, "\"%.64s\": expected a field, as user.name, "
		    "not, or (", p->words.word);
	leaf = add(p, FIELD_EXISTS, 0, 0);
	if (leaf < 0)
		return leaf;
	p->e->node[leaf].field = strdup(p->words.word);
	if (p->e->node[leaf].field == NULL)
		return -ENOMEM;
	if ((r = step(p, 0)) != 0)
		return r;
	if (!is_next(p, FIELD_WORD, "exists"))
		return parse_operator(p, leaf);
	r = step(p, 0);
	return r != 0 ? r : leaf;
}

static int parse_or(struct parser *p);

static int parse_group(struct parser *p)
{
	size_t open = p->words.begin;
	int r = step(p, 0), node;

	if (r != 0 || (node = parse_or(p)) < 0)
		return r != 0 ? r : node;
	if (p->words.kind == FIELD_END)
		return wrong_at(p, open, "this ( is not closed");
	if (p->words.kind != FIELD_CLOSE)
		return wrong_at(p, p->words.begin, "\"%.64s\": expected and, or, or )",
		    p->words.word);
	r = step(p, 0);
	return r != 0 ? r : node;
}

static int parse_not(struct parser *p)
{
	int is_not = is_next(p, FIELD_WORD, "not") || is_next(p, FIELD_OPERATOR, "!"), r;

	if (!is_not && p->words.kind != FIELD_OPEN)
		return parse_leaf(p);
	if (++p->depth > FIELD_DEPTH)
		return wrong_at(p, p->words.begin, "more than %d of ( and not inside of each other",
		    FIELD_DEPTH);
	if (!is_not)
		r = parse_group(p);
	else if ((r = step(p, 0)) == 0 && (r = parse_not(p)) >= 0)
		r = add(p, FIELD_NOT, r, 0);
	p->depth--;
	return r;
}

/* What stands between word or word, of the kind that binds as closely as what next reads. */
static int parse_list(struct parser *p, const char *word, enum field_op op,
    int (*next)(struct parser *p))
{
	int left = next(p), right, r;

	while (left >= 0 && is_next(p, FIELD_WORD, word)) {
		if ((r = step(p, 0)) != 0)
			return r;
		right = next(p);
		left = right < 0 ? right : add(p, op, left, right);
	}
	return left;
}

static int parse_and(struct parser *p)
{
	return parse_list(p, "and", FIELD_AND, parse_not);
}

static int parse_or(struct parser *p)
{
	return parse_list(p, "or", FIELD_OR, parse_and);
}

static int parse(struct parser *p)
{
	int r = step(p, 0);

	if (r == 0)
		r = parse_or(p);
	if (r >= 0 && p->words.kind != FIELD_END)
		r = wrong_at(p, p->words.begin, "\"%.64s\": expected and, or, or the end",
		    p->words.word);
	return r;
}

int field_expression_parse(struct field_expression **out, const char *text, size_t len,
    struct field_wrong *wrong)
{
	struct parser p = {.words = {.text = text, .len = len}, .wrong = wrong};
	int r;

	if (len > FIELD_TEXT_MAX)
		return wrong_at(&p, FIELD_TEXT_MAX, "longer than %d bytes", FIELD_TEXT_MAX);
	p.e = calloc(1, sizeof(*p.e));
	if (p.e == NULL)
		return -ENOMEM;
	r = parse(&p);
	if (r < 0) {
		field_expression_free(p.e);
		return r;
	}
	p.e->top = r;
	*out = p.e;
	return 0;
}

void field_expression_free(struct field_expression *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->count; i++)
		field_node_release(&e->node[i]);
	free(e->node);
	free(e);
}
