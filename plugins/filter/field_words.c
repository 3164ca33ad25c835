/* SPDX-License-Identifier: ISC */
#include "field_words.h"

#include <string.h>

#include "err.h"

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_operator(char c)
{
	return c == '=' || c == '!' || c == '<' || c == '>' || c == '~';
}

static int add(struct field_words *w, char c)
{
	if (c == '\0')
		return E_FORMAT;
	if (w->word_len == FIELD_VALUE_MAX)
		return E_RANGE;
	w->word[w->word_len++] = c;
	return 0;
}

/* Within quotation marks a backslash stands before one, or a backslash, that is meant; before
 * anything else it is itself, as regular expressions want it. */
static int take_quoted(struct field_words *w)
{
	char mark = w->text[w->at++];
	int r;

	w->quoted = 1;
	while (w->at < w->len && w->text[w->at] != mark) {
		if (w->text[w->at] == '\\' && w->at + 1 < w->len &&
		    (w->text[w->at + 1] == mark || w->text[w->at + 1] == '\\'))
			w->at++;
		if ((r = add(w, w->text[w->at++])) != 0)
			return r;
	}
	if (w->at == w->len)
		return E_FORMAT;
	w->at++;
	return 0;
}

static int take_plain(struct field_words *w, int is_value)
{
	int r;

	while (w->at < w->len) {
		char c = w->text[w->at];

		if (is_blank(c) || c == '(' || c == ')' || (!is_value && is_operator(c)))
			break;
		if ((r = add(w, c)) != 0)
			return r;
		w->at++;
	}
	return 0;
}

static int take_operator(struct field_words *w)
{
	char c = w->text[w->at], next = w->at + 1 < w->len ? w->text[w->at + 1] : '\0';
	int two = (next == '=' && c != '=' && c != '~') || (next == '~' && c == '!');
	int r = add(w, c);

	w->at++;
	if (r == 0 && two)
		r = add(w, w->text[w->at++]);
	return r;
}

static enum field_kind kind_of(char c, int is_value)
{
	if (c == '(')
		return FIELD_OPEN;
	if (c == ')')
		return FIELD_CLOSE;
	return is_operator(c) && !is_value ? FIELD_OPERATOR : FIELD_WORD;
}

int field_words_next(struct field_words *w, int is_value)
{
	int r = 0;

	while (w->at < w->len && is_blank(w->text[w->at]))
		w->at++;
	w->begin = w->at;
	w->word_len = 0;
	w->quoted = 0;
	w->kind = FIELD_END;
	if (w->at < w->len) {
		char c = w->text[w->at];

		w->kind = kind_of(c, is_value);
		if (w->kind == FIELD_OPERATOR)
			r = take_operator(w);
		else if (w->kind != FIELD_WORD)
			r = add(w, w->text[w->at++]);
		else if (c == '"' || c == '\'')
			r = take_quoted(w);
		else
			r = take_plain(w, is_value);
	}
	w->word[w->word_len] = '\0';
	return r;
}
