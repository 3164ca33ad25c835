/* SPDX-License-Identifier: ISC */
#include "words/expression_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

#define BLANKS " \t\n"

/* To the next char that is no blank, in whichever argument.  1, or 0 at the end. */
static int find_char(struct expression_words *w)
{
	for (;;) {
		if (w->p != NULL) {
			w->p += strspn(w->p, BLANKS);
			if (*w->p != '\0')
				return 1;
			w->p = NULL;
			w->at++;
		}
		if (w->at >= w->argc)
			return 0;
		w->p = w->argv[w->at];
	}
}

int expression_word(struct expression_words *w)
{
	size_t len;

	if (!find_char(w))
		return 0;
	len = strchr("()!=", *w->p) != NULL ? 1 : strcspn(w->p, BLANKS "()!=");
	memcpy(w->word, w->p, len < sizeof w->word ? len : sizeof w->word - 1);
	w->word[len < sizeof w->word ? len : sizeof w->word - 1] = '\0';
	w->p += len;
	return 1;
}

/* Up to a blank, or a parenthesis that it did not open. */
static size_t plain_length(const char *p)
{
	size_t n, open = 0;

	for (n = 0; p[n] != '\0' && strchr(BLANKS, p[n]) == NULL; n++) {
		if (p[n] == '(')
			open++;
		else if (p[n] == ')' && open-- == 0)
			break;
	}
	return n;
}

static int copy(char **out, const char *p, size_t len)
{
	*out = strndup(p, len);
	return *out != NULL ? 1 : -ENOMEM;
}

/* The rest of the argument that is read */
static int value_inside(struct expression_words *w, char **out)
{
	const char *begin = w->p, *end;
	int r;

	if (*begin == '"' || *begin == '\'') {
		end = strchr(begin + 1, *begin);
		if (end == NULL)
			return E_FORMAT;
		r = copy(out, begin + 1, (size_t)(end - begin - 1));
		w->p = end + 1;
		return r;
	}
	w->p = begin + plain_length(begin);
	return copy(out, begin, (size_t)(w->p - begin));
}

/* One that stands between a name and its value: at the name, or on its own.  What begins
 * with one, or is nothing else, is a value. */
static void skip_equals(struct expression_words *w)
{
	const char *p;

	if (w->p != NULL && *w->p == '=') {
		w->p++;
		return;
	}
	if (w->p != NULL) {
		p = w->p + strspn(w->p, BLANKS);
		if (*p == '=' && p[1] != '\0' && strchr(BLANKS, p[1]) != NULL &&
		    p[1 + strspn(p + 1, BLANKS)] != '\0')
			w->p = p + 1;
		if (*p != '\0')
			return;
		w->p = NULL;
		w->at++;
	}
	if (w->at + 1 < w->argc && strcmp(w->argv[w->at], "=") == 0)
		w->at++;
}

int expression_value(struct expression_words *w, char **out)
{
	skip_equals(w);
	if (w->p != NULL) {
		w->p += strspn(w->p, BLANKS);
		if (*w->p != '\0')
			return value_inside(w, out);
		w->p = NULL;
		w->at++;
	}
	if (w->at >= w->argc)
		return 0;
	return copy(out, w->argv[w->at], strlen(w->argv[w->at])) == 1 ? (w->at++, 1) : -ENOMEM;
}
