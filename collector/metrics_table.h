/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_METRICS_TABLE_H
#define SHELLAC_METRICS_TABLE_H

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

/* How a sample's value is made of what the status has.  What it has not, or has as null,
 * makes no sample. */
enum metric_how {
	METRIC_VALUE, /* a number, or a boolean as 0 and 1 */
	METRIC_STATE, /* a word: a sample for each of words, 1 for the one that it is */
	METRIC_THERE, /* 1, or 0 where it is null or an empty text */
	METRIC_LABEL, /* 1, and the text is the label's value */
	METRIC_TIMES, /* an object of times, of a histogram */
	METRIC_DATE   /* a number, 0 for none */
};

struct metric {
	const char *name;  /* without the suffix of a counter or histogram; ends in its unit */
	const char *unit;  /* NULL: none */
	enum metric_type type;
	enum metric_how how;
	const char *list;  /* NULL, or an array with a sample for each of its objects */
	const char *named; /* the key there that names it */
	const char *label; /* that this is the value of; of METRIC_LABEL: its own */
	const char *key;   /* in the status, or in the object of a list; "a.b" is b of a */
	const char *const *words; /* of METRIC_STATE, ended by NULL */
	const char *help;  /* one sentence */
};

/* The table, ended by a name of NULL. */
extern const struct metric metrics_table[];

#endif
