/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIELD_EXPRESSION_H
#define SHELLAC_FIELD_EXPRESSION_H

#include <jansson.h>
#include <stddef.h>

/*
 * An expression on the fields of an event, shellac-filter(8):
 *
 *	event.action = session-start and ( user.name = root or not process.args exists )
 *
 * FIELD = VALUE, !=, <, <=, >, >=, ~ REGEX, !~, FIELD exists; not or "!" binds closest,
 * then and, then or.  A value with blanks or parentheses stands in quotation marks.
 */
struct field_expression;

#define FIELD_TEXT_MAX 8192 /* bytes of an expression */
#define FIELD_NAME_MAX 255
#define FIELD_VALUE_MAX 4096
#define FIELD_NODES 1024
#define FIELD_DEPTH 64      /* parentheses and nots inside of each other */
#define FIELD_WHY 256

struct field_wrong {
	size_t column;       /* from 1, in bytes */
	char why[FIELD_WHY]; /* may hold bytes of the text as they are */
};

/* Reads len bytes.  0; -ENOMEM; E_FORMAT: then *wrong says what and where. */
int field_expression_parse(struct field_expression **out, const char *text, size_t len,
    struct field_wrong *wrong);
void field_expression_free(struct field_expression *e); /* NULL is fine */

/* 1 or 0; negative where a regular expression met a bound on its work and the rest does not
 * decide it (E_RANGE), or -ENOMEM. */
int field_expression_test(const struct field_expression *e, const json_t *event);

#endif
