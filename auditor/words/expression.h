/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPRESSION_H
#define SHELLAC_EXPRESSION_H

/*
 * Search expressions in the words of sudoreplay(8): "user alice and ( tty pts/3 or not
 * command sshd ) fromdate yesterday".  "!" is "not"; two predicates side by side are
 * joined by "and".  "not" binds closest, then "and", then "or".  A predicate may be cut
 * to its shortest start that no other has; "=" may stand behind it: "host = db1", "host=db1".
 *
 * Words come as arguments of their own or several in one; within one, a value with
 * blanks stands in quotation marks, and a ")" that the value did not open ends it.
 */
struct expression;

/* What can be asked; the table ends with a name of NULL. */
struct predicate {
	const char *name;
	const char *wants; /* what its value is, for messages: "a user's name or number" */
	/* Makes *value of a word.  0, or negative: it is no such thing. */
	int (*read)(void *ctx, const char *word, void **value);
	/* Is it true of subject?  1 or 0. */
	int (*test)(void *ctx, const void *subject, const void *value);
	void (*release)(void *value);
};

#define EXPRESSION_WHY 400    /* chars of a message */
#define EXPRESSION_DEPTH 64   /* parentheses and nots inside of each other */
#define EXPRESSION_NODES 1024

/* Reads all of argv; 0 words are true of everything.  table and ctx are kept, argv is not.
 * 0; -ENOMEM; E_FORMAT: then why says which word is wrong and what was expected (it holds
 * bytes of argv as they are). */
int expression_parse(struct expression **out, const struct predicate *table, void *ctx, int argc,
    char *const *argv, char why[EXPRESSION_WHY]);
void expression_free(struct expression *e); /* NULL is fine */

/* 1 or 0 */
int expression_test(const struct expression *e, const void *subject);

/* What it is where of some predicates only is known what they are: 1, 0, or
 * EXPRESSION_OPEN where that depends on the others.  known says the same of a predicate. */
#define EXPRESSION_OPEN (-1)
int expression_partial(const struct expression *e,
    int (*known)(void *arg, const struct predicate *p, const void *value), void *arg);

/* Each predicate that has to be true for the whole to be, with its value. */
void expression_required(const struct expression *e,
    void (*got)(void *arg, const struct predicate *p, const void *value), void *arg);

#endif
