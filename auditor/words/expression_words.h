/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPRESSION_WORDS_H
#define SHELLAC_EXPRESSION_WORDS_H

/* Arguments as a row of words and values, for expression.c. */
struct expression_words {
	char *const *argv;
	int argc, at;     /* the argument that is read */
	const char *p;    /* where in it; NULL: at none yet */
	char word[32];    /* the last of expression_word(), cut */
};

/* The next word, "(", ")", "!" or "=", into w->word.  1, or 0 at the end. */
int expression_word(struct expression_words *w);

/* The value of the predicate just read, behind "=" where there is one, a new string that
 * the caller frees.  1; 0: there is none; -ENOMEM; E_FORMAT: its quotation mark is not
 * closed. */
int expression_value(struct expression_words *w, char **out);

#endif
