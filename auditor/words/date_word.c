/* SPDX-License-Identifier: ISC */
#include "words/date_word.h"

#include <string.h>
#include <strings.h>

#define WORD_MAX 16

static const struct date_word words[] = {
	{ "january", MONTH, 1, 3 }, { "february", MONTH, 2, 3 }, { "march", MONTH, 3, 3 },
	{ "april", MONTH, 4, 3 }, { "may", MONTH, 5, 3 }, { "june", MONTH, 6, 3 },
	{ "july", MONTH, 7, 3 }, { "august", MONTH, 8, 3 }, { "september", MONTH, 9, 3 },
	{ "october", MONTH, 10, 3 }, { "november", MONTH, 11, 3 }, { "december", MONTH, 12, 3 },
	{ "sunday", WEEKDAY, 0, 3 }, { "monday", WEEKDAY, 1, 3 }, { "tuesday", WEEKDAY, 2, 3 },
	{ "wednesday", WEEKDAY, 3, 3 }, { "thursday", WEEKDAY, 4, 3 }, { "friday", WEEKDAY, 5, 3 },
	{ "saturday", WEEKDAY, 6, 3 },
	{ "year", UNIT, YEARS, 0 }, { "month", UNIT, MONTHS, 0 }, { "day", UNIT, DAYS, 0 },
	{ "week", UNIT, WEEKS, 0 }, { "fortnight", UNIT, FORTNIGHTS, 0 },
	{ "second", UNIT, SECONDS, 0 }, { "sec", UNIT, SECONDS, 0 },
	{ "minute", UNIT, MINUTES, 0 }, { "min", UNIT, MINUTES, 0 }, { "hour", UNIT, HOURS, 0 },
	{ "last", WHICH, -1, 0 }, { "this", WHICH, 0, 0 }, { "next", WHICH, 1, 0 },
	{ "a", WHICH, 1, 0 }, { "an", WHICH, 1, 0 }, { "first", WHICH, 1, 0 },
	{ "third", WHICH, 3, 0 }, { "fourth", WHICH, 4, 0 }, { "fifth", WHICH, 5, 0 },
	{ "now", SHIFT, 0, 0 }, { "today", SHIFT, 0, 0 }, { "yesterday", SHIFT, -1, 0 },
	{ "tomorrow", SHIFT, 1, 0 },
	{ "z", ZONE, 0, 0 }, { "utc", ZONE, 0, 0 }, { "gmt", ZONE, 0, 0 },
	{ "am", HALF, 0, 0 }, { "pm", HALF, 12, 0 }, { "ago", AGO, 0, 0 },
};

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_word(const struct date_word *w, const char *text, size_t len)
{
	size_t all = strlen(w->name);

	if (w->kind == UNIT && len == all + 1 && (text[all] | 0x20) == 's')
		len--;
	if (len > all || (len < all && (w->shortest == 0 || len < w->shortest)))
		return 0;
	return strncasecmp(text, w->name, len) == 0;
}

const struct date_word *date_word_at(const char *text, size_t *len)
{
	char word[WORD_MAX];
	size_t n = 0, i, blanks = strspn(text, DATE_BLANKS);
	const char *p = text + blanks;

	for (i = 0; is_letter(p[i]) || (i > 0 && p[i] == '.'); i++) {
		if (p[i] == '.')
			continue;
		if (n == sizeof word)
			return NULL;
		word[n++] = p[i];
	}
	*len = blanks + i;
	for (i = 0; n > 0 && i < sizeof words / sizeof words[0]; i++)
		if (is_word(&words[i], word, n))
			return &words[i];
	return NULL;
}
