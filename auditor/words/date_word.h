/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DATE_WORD_H
#define SHELLAC_DATE_WORD_H

#include <stddef.h>

/* The words that dates are made of, in English whatever the locale; for date_scan.c. */
enum date_word_kind { MONTH, WEEKDAY, UNIT, WHICH, SHIFT, ZONE, HALF, AGO };

enum date_unit { YEARS, MONTHS, DAYS, WEEKS, FORTNIGHTS, SECONDS, MINUTES, HOURS };

struct date_word {
	const char *name;
	enum date_word_kind kind;
	int value;         /* month from 1, weekday from 0, unit, days, ... */
	unsigned shortest; /* chars that are enough; 0: all of it, units also with an s */
};

#define DATE_BLANKS " \t\n,"

/* The word at the start of text, behind blanks; its length with these in *len.  NULL for
 * another or none.  "p.m." and "sept." may have points. */
const struct date_word *date_word_at(const char *text, size_t *len);

#endif
