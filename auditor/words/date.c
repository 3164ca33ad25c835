/* SPDX-License-Identifier: ISC */
#include "words/date.h"

#include <stdlib.h>
#include <time.h>

#include "words/date_scan.h"
#include "err.h"

#define SECOND INT64_C(1000000000)
#define WEEK 7
#define SHIFT_MAX 10000000 /* years, months, days: all of 64 bits of nanoseconds */

static int64_t floor_seconds(int64_t ns)
{
	return ns / SECOND - (ns % SECOND < 0);
}

static int is_absolute(const struct date_items *d)
{
	return d->dates > 0 || d->times > 0 || d->weekdays > 0;
}

/* As mktime(3), for a zone of zone_s seconds east where that is given.  Refuses what is
 * no day of the calendar (February 30). */
static int make_time(const struct date_items *d, struct tm *tm, int64_t *s)
{
	int day = tm->tm_mday, month = tm->tm_mon;

	if (d->zones > 0)
		*s = timegm(tm) - d->zone_s;
	else
		*s = mktime(tm);
	return tm->tm_mday == day && tm->tm_mon == month ? 0 : E_FORMAT;
}

/* The day and the time that are named, without what is relative to them. */
static void set_named(const struct date_items *d, struct tm *tm)
{
	if (d->dates > 0) {
		if (d->has_year)
			tm->tm_year = d->year - 1900;
		tm->tm_mon = d->month - 1;
		tm->tm_mday = d->day;
	}
	if (d->times > 0) {
		tm->tm_hour = d->hour;
		tm->tm_min = d->minute;
		tm->tm_sec = d->second;
	} else if (d->dates > 0 || d->weekdays > 0) {
		tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	}
	if (is_absolute(d))
		tm->tm_isdst = -1;
}

/* "monday" is today's or the next to come, "next monday" never today's, "last monday"
 * the one before today. */
static int add_days(const struct date_items *d, struct tm *tm, int64_t *s)
{
	int which = d->which - (d->which > 0 && tm->tm_wday != d->weekday);

	if (llabs(d->years) > SHIFT_MAX || llabs(d->months) > SHIFT_MAX ||
	    llabs(d->days) > SHIFT_MAX)
		return E_RANGE;
	if (d->weekdays == 0 && d->years == 0 && d->months == 0 && d->days == 0)
		return 0;
	if (d->weekdays > 0 && d->dates == 0)
		tm->tm_mday += (d->weekday - tm->tm_wday + WEEK) % WEEK + WEEK * which;
	tm->tm_year += (int)d->years;
	tm->tm_mon += (int)d->months;
	tm->tm_mday += (int)d->days;
	if (is_absolute(d))
		tm->tm_isdst = -1;
	*s = d->zones > 0 ? timegm(tm) - d->zone_s : mktime(tm);
	return 0;
}

/* One of each at most, and an epoch alone. */
static int is_sound(const struct date_items *d)
{
	unsigned others = d->dates + d->times + d->weekdays + d->zones + d->relatives;

	if (d->epochs > 0)
		return d->epochs == 1 && others == 0;
	return others > 0 && d->dates <= 1 && d->times <= 1 && d->weekdays <= 1 && d->zones <= 1 &&
	    (d->zones == 0 || d->times > 0 || d->dates > 0);
}

int date_parse(const char *text, int64_t now_ns, int64_t *out_ns)
{
	time_t now = (time_t)floor_seconds(now_ns);
	struct date_items d;
	struct tm tm;
	int64_t s, ns;
	int r = date_scan(text, &d);

	if (r != 0)
		return r;
	if (!is_sound(&d) || localtime_r(&now, &tm) == NULL)
		return E_FORMAT;
	ns = d.ns;
	if (d.epochs > 0) {
		s = d.epoch_s;
	} else {
		set_named(&d, &tm);
		if ((r = make_time(&d, &tm, &s)) != 0 || (r = add_days(&d, &tm, &s)) != 0)
			return r;
		s += d.seconds;
		if (!is_absolute(&d))
			ns = now_ns - floor_seconds(now_ns) * SECOND;
	}
	if (__builtin_mul_overflow(s, SECOND, &s) || __builtin_add_overflow(s, ns, out_ns))
		return E_RANGE;
	return 0;
}
