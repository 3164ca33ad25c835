/* SPDX-License-Identifier: ISC */
#include "words/expression.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "words/expression_words.h"

enum op { ALL, LEAF, NOT, AND, OR };

struct node {
	enum op op;
	int left, right; /* of NOT only left */
	const struct predicate *predicate;
	void *value;
};

struct expression {
	void *ctx;
	struct node *node;
	size_t count, room;
	int top;
};

struct parser {
	struct expression *e;
	const struct predicate *table;
	struct expression_words words;
	int more; /* words.word is the next word */
	unsigned depth;
	char *why;
};

static int wrong(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int wrong(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, EXPRESSION_WHY, fmt, ap);
	va_end(ap);
	return E_FORMAT;
}

static int is_next(const struct parser *p, const char *word)
{
	return p->more && strcmp(p->words.word, word) == 0;
}

static void step(struct parser *p)
{
	p->more = expression_word(&p->words);
}

/* A new node's index, -ENOMEM or E_FORMAT. */
static int add(struct parser *p, enum op op, int left, int right)
{
	struct expression *e = p->e;
	int r;

	if (e->count == EXPRESSION_NODES)
		return wrong(p, "more than %d predicates", EXPRESSION_NODES / 2);
	r = array_room(&e->node, e->count, &e->room, sizeof *e->node);
	if (r != 0)
		return r;
	e->node[e->count] = (struct node){ .op = op, .left = left, .right = right };
	return (int)e->count++;
}

static int unknown(struct parser *p)
{
	const struct predicate *t;
	size_t len = (size_t)snprintf(p->why, EXPRESSION_WHY, "\"%s\": expected not, ( or one of",
	    p->words.word);

	for (t = p->table; t->name != NULL && len < EXPRESSION_WHY; t++)
		len += (size_t)snprintf(p->why + len, EXPRESSION_WHY - len, " %s", t->name);
	return E_FORMAT;
}

/* The predicate that the next word names or begins.  0 or E_FORMAT. */
static int find(struct parser *p, const struct predicate **out)
{
	const struct predicate *t, *found = NULL;
	size_t len = strlen(p->words.word);

	for (t = p->table; t->name != NULL; t++) {
		if (strncmp(t->name, p->words.word, len) != 0)
			continue;
		if (t->name[len] == '\0') {
			*out = t;
			return 0;
		}
		if (found != NULL)
			return wrong(p, "\"%s\": %s or %s?", p->words.word, found->name, t->name);
		found = t;
	}
	if (found == NULL)
		return unknown(p);
	*out = found;
	return 0;
}

static int parse_leaf(struct parser *p)
{
	const struct predicate *t = NULL;
	char *word = NULL;
	void *value = NULL;
	int r = find(p, &t), node;

	if (r != 0)
		return r;
	r = expression_value(&p->words, &word);
	if (r == 0)
		return wrong(p, "%s: expected %s behind it", t->name, t->wants);
	if (r == E_FORMAT)
		return wrong(p, "%s: a quotation mark is not closed", t->name);
	if (r < 0)
		return r;
	node = add(p, LEAF, 0, 0);
	if (node >= 0 && (r = t->read(p->e->ctx, word, &value)) != 0)
		node = r == -ENOMEM ? r : wrong(p, "%s \"%s\": expected %s", t->name, word, t->wants);
	if (node >= 0) {
		p->e->node[node].predicate = t;
		p->e->node[node].value = value;
		step(p);
	}
	free(word);
	return node;
}

static int parse_or(struct parser *p);

static int parse_group(struct parser *p)
{
	int r;

	step(p);
	r = parse_or(p);
	if (r < 0)
		return r;
	if (!is_next(p, ")"))
		return wrong(p, "\"(\" without \")\"");
	step(p);
	return r;
}

static int parse_not(struct parser *p)
{
	int r;

	if (!p->more)
		return wrong(p, "it ends where a predicate was expected");
	if (!is_next(p, "!") && !is_next(p, "not") && !is_next(p, "("))
		return parse_leaf(p);
	if (++p->depth > EXPRESSION_DEPTH)
		return wrong(p, "more than %d parentheses inside of each other", EXPRESSION_DEPTH);
	if (is_next(p, "(")) {
		r = parse_group(p);
	} else {
		step(p);
		r = parse_not(p);
		if (r >= 0)
			r = add(p, NOT, r, 0);
	}
	p->depth--;
	return r;
}

static int parse_and(struct parser *p)
{
	int left = parse_not(p), right;

	while (left >= 0 && p->more && !is_next(p, "or") && !is_next(p, ")")) {
		if (is_next(p, "and"))
			step(p);
		right = parse_not(p);
		left = right < 0 ? right : add(p, AND, left, right);
	}
	return left;
}

static int parse_or(struct parser *p)
{
	int left = parse_and(p), right;

	while (left >= 0 && is_next(p, "or")) {
		step(p);
		right = parse_and(p);
		left = right < 0 ? right : add(p, OR, left, right);
	}
	return left;
}

int expression_parse(struct expression **out, const struct predicate *table, void *ctx, int argc,
    char *const *argv, char why[EXPRESSION_WHY])
{
	struct parser p = { .table = table, .words = { .argv = argv, .argc = argc }, .why = why };
	int r;

	p.e = calloc(1, sizeof *p.e);
	if (p.e == NULL)
		return -ENOMEM;
	p.e->ctx = ctx;
	step(&p);
	r = p.more ? parse_or(&p) : add(&p, ALL, 0, 0);
	if (r >= 0 && p.more)
		r = wrong(&p, "\"%s\": expected \"and\", \"or\" or the end", p.words.word);
	if (r < 0) {
		expression_free(p.e);
		return r;
	}
	p.e->top = r;
	*out = p.e;
	return 0;
}

void expression_free(struct expression *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->count; i++)
		if (e->node[i].predicate != NULL && e->node[i].predicate->release != NULL)
			e->node[i].predicate->release(e->node[i].value);
	free(e->node);
	free(e);
}

static int test(const struct expression *e, int at, const void *subject)
{
	const struct node *n = &e->node[at];

	switch (n->op) {
	case LEAF:
		return n->predicate->test(e->ctx, subject, n->value);
	case NOT:
		return !test(e, n->left, subject);
	case AND:
		return test(e, n->left, subject) && test(e, n->right, subject);
	case OR:
		return test(e, n->left, subject) || test(e, n->right, subject);
	case ALL:
		break;
	}
	return 1;
}

int expression_test(const struct expression *e, const void *subject)
{
	return test(e, e->top, subject);
}

static void required(const struct expression *e, int at,
    void (*got)(void *arg, const struct predicate *p, const void *value), void *arg)
{
	const struct node *n = &e->node[at];

	if (n->op == LEAF) {
		got(arg, n->predicate, n->value);
	} else if (n->op == AND) {
		required(e, n->left, got, arg);
		required(e, n->right, got, arg);
	}
}

void expression_required(const struct expression *e,
    void (*got)(void *arg, const struct predicate *p, const void *value), void *arg)
{
	required(e, e->top, got, arg);
}

static int both(int left, int right)
{
	if (left == 0 || right == 0)
		return 0;
	return left == 1 && right == 1 ? 1 : EXPRESSION_OPEN;
}

static int not(int known)
{
	return known == EXPRESSION_OPEN ? EXPRESSION_OPEN : !known;
}

static int partial(const struct expression *e, int at,
    int (*known)(void *arg, const struct predicate *p, const void *value), void *arg)
{
	const struct node *n = &e->node[at];

	switch (n->op) {
	case LEAF:
		return known(arg, n->predicate, n->value);
	case NOT:
		return not(partial(e, n->left, known, arg));
	case AND:
		return both(partial(e, n->left, known, arg), partial(e, n->right, known, arg));
	case OR:
		return not(both(not(partial(e, n->left, known, arg)),
		    not(partial(e, n->right, known, arg))));
	case ALL:
		break;
	}
	return 1;
}

int expression_partial(const struct expression *e,
    int (*known)(void *arg, const struct predicate *p, const void *value), void *arg)
{
	return partial(e, e->top, known, arg);
}
