/* SPDX-License-Identifier: ISC */
#include "../../auditor/words/date.h"

#include <stdio.h>
#include <time.h>

#include "../lib/suite.h"

#define SECOND INT64_C(1000000000)

static const char *const zones[] = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3",
	"NST3:30NDT,M3.2.0,M11.1.0", "<+0545>-5:45" };

static const char *const dates[] = {
	"now", "today", "yesterday", "tomorrow", "yesterday 14:00", "14:00 yesterday", "today 0:00",
	"14:00", "14:00:05", "14:00:05.5", "14:00:05.123456789", "10", "1400", "10am", "10 am",
	"10:01 pm", "12:30 am", "12:30 p.m.", "2026-11-20", "2026-11-20 14:00", "2026-11-20 14:00:05",
	"2026-11-20T14:00:05", "2026-11-20T14:00:05Z", "2026-11-20T14:00:05.25+01:00",
	"2026-11-20 14:00 -0330", "2026-11-20 14:00 UTC", "14:00Z", "yesterday 14:00Z", "14:00 +2",
	"2026-11-20 14:00 UTC 1 day", "20261120", "20261120 1400", "11/20/2026", "9/17/2009",
	"10:01 am 9/17/2009", "10:01 am Sep 17, 2009", "10:01 am September 17 2009", "11/20",
	"2026/11/20", "20 Nov 2026", "20 Nov 2026 14:00", "20-Nov-2026", "Nov 20", "Nov 20, 2026",
	"Nov 20 14:00 2026", "sept 3, 2026", "99-1-2", "monday", "last monday", "next monday",
	"this friday", "Friday 14:00", "fri", "last sunday 23:59", "third monday", "2 monday",
	"next wed", "1 minute ago", "90 minutes ago", "3 hours ago", "1 day ago", "10 days ago",
	"2 weeks ago", "1 month ago", "14 months ago", "2 years ago", "1 fortnight ago",
	"2 days 3 hours ago", "last week", "next month", "last year", "hour ago", "-1 day", "+2 hours",
	"now +1 hour", "yesterday -2 hours", "2026-03-28 12:00 1 day", "2026-10-25 12:00 yesterday",
	"2026-11-20 14:00 1 month ago", "2026-03-31 1 month", "2024-02-29 1 year", "@0", "@1795000000",
	"@1.5", "@-5", "2026-11-20\t14:00",
};

static const char *const no_dates[] = {
	"noon-ish", "24:00", "14:60", "23:59:60", "2026-02-30", "2026-13-01", "2026-11-20T14",
	"14:00 pm", "0:30 am", "14:00 15:00", "2026-11-20 2026-11-21", "monday friday", "Nov 2026",
	"1 day 14:00 ago", "ago", "last", "@", "@1 day", "@x", "2026-11", "14:", "5 apples",
	"11/", "123456",
};

/* What date(1) says: nanoseconds. */
static int64_t ask_date(const char *text, int *status)
{
	char command[256];
	long long s = 0, ns = 0;
	FILE *f;

	snprintf(command, sizeof command, "LC_ALL=C date -d '%s' +'%%s %%N' 2>/dev/null", text);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	*status = fscanf(f, "%lld %lld", &s, &ns) == 2 ? 0 : -1;
	pclose(f);
	return s * SECOND + ns;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static void in_zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

START_TEST(it_reads_as_date_does)
{
	int64_t before, after, theirs, low, high;
	size_t i;
	int status;

	in_zone(zones[_i]);
	for (i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		before = now();
		theirs = ask_date(dates[i], &status);
		after = now();
		ck_assert_msg(status == 0, "date(1) refuses \"%s\"", dates[i]);
		ck_assert_msg(date_parse(dates[i], before, &low) == 0, "\"%s\"", dates[i]);
		ck_assert_int_eq(date_parse(dates[i], after, &high), 0);
		ck_assert_msg(low <= theirs && theirs <= high, "TZ=%s \"%s\": %lld to %lld, date: %lld",
		    zones[_i], dates[i], (long long)low, (long long)high, (long long)theirs);
	}
}
END_TEST

START_TEST(it_refuses_what_date_refuses)
{
	int64_t out = 7;
	size_t i;
	int status;

	in_zone(zones[1]);
	for (i = 0; i < sizeof no_dates / sizeof no_dates[0]; i++) {
		ask_date(no_dates[i], &status);
		ck_assert_msg(status != 0, "date(1) takes \"%s\"", no_dates[i]);
		ck_assert_msg(date_parse(no_dates[i], now(), &out) < 0, "\"%s\"", no_dates[i]);
	}
	ck_assert_int_lt(date_parse("1234567890123", now(), &out), 0);
	ck_assert_int_lt(date_parse("", now(), &out), 0);
	ck_assert_int_lt(date_parse("@99999999999", now(), &out), 0);
	ck_assert_int_lt(date_parse("900000000 years ago", now(), &out), 0);
	ck_assert_int_eq(out, 7);
}
END_TEST

/* Where date(1) surprises. */
START_TEST(a_unit_is_never_a_zone)
{
	int64_t at_two, out, week, a_week;

	in_zone("UTC0");
	ck_assert_int_eq(date_parse("2026-11-20 14:00", 0, &at_two), 0);
	ck_assert_int_eq(at_two, INT64_C(1795183200) * SECOND);
	ck_assert_int_eq(date_parse("2026-11-20 14:00 +2 hours", 0, &out), 0);
	ck_assert_int_eq(out, at_two + 7200 * SECOND);
	ck_assert_int_eq(date_parse("1 week ago", at_two, &week), 0);
	ck_assert_int_eq(date_parse("a week ago", at_two, &a_week), 0);
	ck_assert_int_eq(a_week, week);
	ck_assert_int_eq(week, at_two - 7 * 86400 * SECOND);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("date");

	tcase_add_loop_test(tc, it_reads_as_date_does, 0, sizeof zones / sizeof zones[0]);
	tcase_add_test(tc, it_refuses_what_date_refuses);
	tcase_add_test(tc, a_unit_is_never_a_zone);
	return suite_run_case("date", tc);
}
