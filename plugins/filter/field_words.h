/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIELD_WORDS_H
#define SHELLAC_FIELD_WORDS_H

#include <stddef.h>

#include "field_expression.h"

/* The words of an expression, one after the other. */
enum field_kind {
	FIELD_END,
	FIELD_OPEN,
	FIELD_CLOSE,
	FIELD_OPERATOR, /* = != < <= > >= ~ !~ ! */
	FIELD_WORD,     /* and one in quotation marks: quoted is set, they are taken off */
};

struct field_words {
	const char *text;
	size_t len, at;      /* at: behind the word */
	enum field_kind kind;
	size_t begin;        /* of the word in the text */
	int quoted;
	size_t word_len;
	char word[FIELD_VALUE_MAX + 1]; /* zero-ended */
};

/* Takes the next word.  A value may have any byte in it but a blank or a parenthesis; other
 * words end before an operator, too.  0; E_FORMAT: quotation marks that are not closed, or a
 * byte zero; E_RANGE: longer than FIELD_VALUE_MAX. */
int field_words_next(struct field_words *w, int is_value);

#endif
