/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DATE_SCAN_H
#define SHELLAC_DATE_SCAN_H

#include <stdint.h>

/* What the words of a date say, in whatever order they stand; for date.c alone. */
struct date_items {
	unsigned dates, times, weekdays, zones, relatives, epochs; /* how many of each */
	unsigned has_year : 1;
	int year, month, day;             /* of a date; month from 1 */
	int hour, minute, second, ns;     /* of a time */
	int weekday, which;               /* 0 Sunday; 0 this, 1 next, -1 last, 3 third ... */
	int zone_s;                       /* east of UTC */
	int64_t years, months, days, seconds; /* relative to it */
	int64_t epoch_s;                  /* ns above is of it too */
};

/* 0 or E_FORMAT */
int date_scan(const char *text, struct date_items *d);

#endif
