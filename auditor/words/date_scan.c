/* SPDX-License-Identifier: ISC */
#include "words/date_scan.h"

#include <string.h>

#include "words/date_word.h"
#include "err.h"

#define DIGITS_MAX 9       /* of a number: fits an int */
#define EPOCH_DIGITS_MAX 11
#define WEEKS_MAX 9999     /* "3 monday" */
#define MINUTE 60
#define HOUR 3600

struct scan {
	const char *p;
	struct date_items *d;
};

struct number {
	int value;
	unsigned digits;
	int sign; /* 0 where none was written */
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct scan *s)
{
	s->p += strspn(s->p, DATE_BLANKS);
}

/* 0 or E_FORMAT */
static int get_number(struct scan *s, struct number *n)
{
	n->sign = *s->p == '-' ? -1 : *s->p == '+';
	s->p += n->sign != 0;
	n->value = 0;
	for (n->digits = 0; is_digit(*s->p); n->digits++, s->p++) {
		if (n->digits == DIGITS_MAX)
			return E_FORMAT;
		n->value = n->value * 10 + (*s->p - '0');
	}
	return n->digits > 0 ? 0 : E_FORMAT;
}

/* The digits behind a point as nanoseconds; more than nine are cut. */
static int get_fraction(struct scan *s)
{
	int ns = 0, unit = 100000000;

	if ((*s->p != '.' && *s->p != ',') || !is_digit(s->p[1]))
		return 0;
	for (s->p++; is_digit(*s->p); s->p++, unit /= 10)
		ns += (*s->p - '0') * unit;
	return ns;
}

/* The next word where it is of this kind: it is taken.  Else NULL. */
static const struct date_word *take_word(struct scan *s, enum date_word_kind kind)
{
	size_t len;
	const struct date_word *w = date_word_at(s->p, &len);

	if (w == NULL || w->kind != kind)
		return NULL;
	s->p += len;
	return w;
}

static int is_unit_next(const struct scan *s)
{
	size_t len;
	const struct date_word *w = date_word_at(s->p, &len);

	return w != NULL && w->kind == UNIT;
}

static void add_relative(struct scan *s, int unit, int count)
{
	static const int days[] = { [DAYS] = 1, [WEEKS] = 7, [FORTNIGHTS] = 14 };
	static const int seconds[] = { [SECONDS] = 1, [MINUTES] = MINUTE, [HOURS] = HOUR };
	int64_t n = take_word(s, AGO) != NULL ? -(int64_t)count : count;

	if (unit == YEARS)
		s->d->years += n;
	else if (unit == MONTHS)
		s->d->months += n;
	else if (unit <= FORTNIGHTS)
		s->d->days += n * days[unit];
	else
		s->d->seconds += n * seconds[unit];
	s->d->relatives++;
}

static int set_date(struct scan *s, int year, int month, int day)
{
	s->d->dates++;
	s->d->has_year = year >= 0;
	s->d->year = year;
	s->d->month = month;
	s->d->day = day;
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && year <= 9999 ? 0 : E_FORMAT;
}

/* Two digits are of this century or the one before, as POSIX has it. */
static int whole_year(const struct number *n)
{
	if (n->digits > 2)
		return n->value;
	return n->value + (n->value < 69 ? 2000 : 1900);
}

/* "+02:00", "-0300", "+1" behind a time; nothing else is taken. */
static int take_zone(struct scan *s)
{
	struct scan ahead = *s;
	struct number n, m = { 0, 0, 0 };
	int minutes;

	skip_blanks(&ahead);
	if ((*ahead.p != '+' && *ahead.p != '-') || !is_digit(ahead.p[1]))
		return 0;
	if (get_number(&ahead, &n) != 0)
		return E_FORMAT;
	if (is_unit_next(&ahead))
		return 0;
	if (n.digits <= 2 && *ahead.p == ':') {
		ahead.p++;
		if (*ahead.p == '-' || *ahead.p == '+' || get_number(&ahead, &m) != 0 || m.digits != 2)
			return E_FORMAT;
		minutes = n.value * 60 + m.value;
	} else {
		minutes = n.digits <= 2 ? n.value * 60 : n.value / 100 * 60 + n.value % 100;
	}
	if (n.digits > 4 || m.value > 59 || minutes > 24 * 60)
		return E_FORMAT;
	s->p = ahead.p;
	s->d->zone_s = n.sign * minutes * MINUTE;
	s->d->zones++;
	return 0;
}

/* hour is read; minute, second, "pm" and the zone may follow. */
static int take_time(struct scan *s, int hour)
{
	struct number n = { 0, 0, 0 };
	const struct date_word *half;
	int r = 0;

	s->d->times++;
	s->d->minute = s->d->second = 0;
	if (*s->p == ':') {
		s->p++;
		if (!is_digit(*s->p) || get_number(s, &n) != 0 || n.digits > 2)
			return E_FORMAT;
		s->d->minute = n.value;
		if (*s->p == ':') {
			s->p++;
			if (!is_digit(*s->p) || get_number(s, &n) != 0 || n.digits > 2)
				return E_FORMAT;
			s->d->second = n.value;
			s->d->ns = get_fraction(s);
		}
	}
	half = take_word(s, HALF);
	if (half != NULL) {
		r = hour >= 1 && hour <= 12 ? 0 : E_FORMAT;
		hour = hour % 12 + half->value;
	}
	s->d->hour = hour;
	if (r != 0 || hour > 23 || s->d->minute > 59 || s->d->second > 59)
		return E_FORMAT;
	return take_zone(s);
}

/* The T of RFC 3339 and the time behind it */
static int take_t(struct scan *s)
{
	struct number hour;

	s->p++;
	if (!is_digit(*s->p) || get_number(s, &hour) != 0 || hour.digits > 2 || *s->p != ':')
		return E_FORMAT;
	return take_time(s, hour.value);
}

/* "2026-11-20", "2026-11-20T14:00", "20-Nov-2026", "11/20[/2026]", "2026/11/20": the
 * first number is read, mark is next. */
static int take_numeric_date(struct scan *s, const struct number *first, char mark)
{
	struct number b, c = { 0, 0, 0 };
	const struct date_word *month;
	int r;

	s->p++;
	if (mark == '-' && (month = take_word(s, MONTH)) != NULL) {
		if (*s->p != '-' || !is_digit(s->p[1]))
			return E_FORMAT;
		s->p++;
		if (get_number(s, &c) != 0)
			return E_FORMAT;
		return set_date(s, whole_year(&c), month->value, first->value);
	}
	if (!is_digit(*s->p) || get_number(s, &b) != 0)
		return E_FORMAT;
	if (*s->p == mark) {
		s->p++;
		if (!is_digit(*s->p) || get_number(s, &c) != 0)
			return E_FORMAT;
	} else if (mark == '-') {
		return E_FORMAT;
	}
	if (mark == '-' || first->digits > 2)
		r = c.digits > 0 ? set_date(s, whole_year(first), b.value, c.value) : E_FORMAT;
	else
		r = set_date(s, c.digits > 0 ? whole_year(&c) : -1, first->value, b.value);
	return r == 0 && mark == '-' && (*s->p == 'T' || *s->p == 't') ? take_t(s) : r;
}

/* A number that nothing around explains: a year behind a date, a day of eight digits,
 * an hour, or hour and minute. */
static int take_bare_number(struct scan *s, const struct number *n)
{
	if (s->d->dates == 1 && !s->d->has_year && s->d->relatives == 0 &&
	    (s->d->times > 0 || n->digits > 2)) {
		s->d->has_year = 1;
		s->d->year = whole_year(n);
		return s->d->year <= 9999 ? 0 : E_FORMAT;
	}
	if (n->digits == 8)
		return set_date(s, n->value / 10000, n->value / 100 % 100, n->value % 100);
	if (n->digits > 4)
		return E_FORMAT;
	if (n->digits <= 2)
		return take_time(s, n->value);
	if (take_time(s, n->value / 100) != 0 || n->value % 100 > 59)
		return E_FORMAT;
	s->d->minute = n->value % 100;
	return 0;
}

static int set_weekday(struct scan *s, int weekday, int which)
{
	s->d->weekdays++;
	s->d->weekday = weekday;
	s->d->which = which;
	return which <= WEEKS_MAX ? 0 : E_FORMAT;
}

static int take_number(struct scan *s)
{
	const struct date_word *w;
	struct number n;
	size_t len;

	if (get_number(s, &n) != 0)
		return E_FORMAT;
	w = date_word_at(s->p, &len);
	if (w != NULL && w->kind == UNIT) {
		s->p += len;
		add_relative(s, w->value, n.sign < 0 ? -n.value : n.value);
		return 0;
	}
	if (n.sign != 0)
		return E_FORMAT;
	if (w != NULL && w->kind == WEEKDAY) {
		s->p += len;
		return set_weekday(s, w->value, n.value);
	}
	if (w != NULL && w->kind == MONTH) {
		s->p += len;
		return set_date(s, -1, w->value, n.value);
	}
	if (*s->p == '-' || *s->p == '/')
		return take_numeric_date(s, &n, *s->p);
	if (*s->p == ':' || (w != NULL && w->kind == HALF))
		return n.digits <= 2 ? take_time(s, n.value) : E_FORMAT;
	return take_bare_number(s, &n);
}

/* "last monday", "a week ago", "next month": the first word is read. */
static int take_which(struct scan *s, int which)
{
	const struct date_word *w = take_word(s, UNIT);

	if (w != NULL) {
		add_relative(s, w->value, which);
		return 0;
	}
	w = take_word(s, WEEKDAY);
	return w != NULL ? set_weekday(s, w->value, which) : E_FORMAT;
}

/* "Nov 20", "Nov 20, 2026" */
static int take_month_day(struct scan *s, int month)
{
	struct number n;

	skip_blanks(s);
	if (!is_digit(*s->p) || get_number(s, &n) != 0 || n.digits > 2)
		return E_FORMAT;
	return set_date(s, -1, month, n.value);
}

static int take_any_word(struct scan *s)
{
	size_t len;
	const struct date_word *w = date_word_at(s->p, &len);

	if (w == NULL)
		return E_FORMAT;
	s->p += len;
	switch (w->kind) {
	case MONTH:
		return take_month_day(s, w->value);
	case WEEKDAY:
		return set_weekday(s, w->value, 0);
	case UNIT:
		add_relative(s, w->value, 1);
		return 0;
	case WHICH:
		return take_which(s, w->value);
	case SHIFT:
		s->d->days += w->value;
		s->d->relatives++;
		return 0;
	case ZONE:
		s->d->zones++;
		return 0;
	case HALF:
	case AGO:
		break;
	}
	return E_FORMAT;
}

/* "@1795000000.5" */
static int take_epoch(struct scan *s)
{
	int negative = *++s->p == '-';
	int64_t v = 0;
	unsigned digits;

	s->p += negative;
	for (digits = 0; is_digit(*s->p); digits++, s->p++) {
		if (digits == EPOCH_DIGITS_MAX)
			return E_FORMAT;
		v = v * 10 + (*s->p - '0');
	}
	s->d->epoch_s = negative ? -v : v;
	s->d->epochs++;
	if (digits > 0 && !negative)
		s->d->ns = get_fraction(s);
	return digits > 0 ? 0 : E_FORMAT;
}

int date_scan(const char *text, struct date_items *d)
{
	struct scan s = { .p = text, .d = d };
	int r = 0;

	memset(d, 0, sizeof *d);
	for (skip_blanks(&s); *s.p != '\0' && r == 0; skip_blanks(&s)) {
		if (*s.p == '@')
			r = take_epoch(&s);
		else if (is_digit(*s.p) || *s.p == '+' || *s.p == '-')
			r = take_number(&s);
		else
			r = take_any_word(&s);
	}
	return r;
}
