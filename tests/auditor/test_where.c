/* SPDX-License-Identifier: ISC */
#include "replay/where.h"

#include <stdlib.h>
#include <time.h>

#include "../lib/suite.h"
#include "err.h"

#define SECOND INT64_C(1000000000)
#define BEGIN (INT64_C(1795000000) * SECOND) /* 2026-11-18 11:06:40 UTC */

static void gives(const char *text, enum where_kind kind, uint64_t value)
{
	struct where w;

	ck_assert_int_eq(where_parse(&w, text, BEGIN, BEGIN + SECOND), 0);
	ck_assert_int_eq(w.kind, kind);
	if (kind == WHERE_ELAPSED)
		ck_assert_uint_eq(w.elapsed_ns, value);
	else if (kind == WHERE_CHUNK)
		ck_assert_uint_eq(w.chunk, value);
	else
		ck_assert_int_eq(w.wall_ns, (int64_t)value);
}

START_TEST(places)
{
	gives("+90", WHERE_ELAPSED, UINT64_C(90000000000));
	gives("+1.5", WHERE_ELAPSED, UINT64_C(1500000000));
	gives("+1:30", WHERE_ELAPSED, UINT64_C(90000000000));
	gives("+2:00:01", WHERE_ELAPSED, UINT64_C(7201000000000));
	gives("+0.000000001", WHERE_ELAPSED, 1);
	gives("+12.345678901", WHERE_ELAPSED, UINT64_C(12345678901));
	gives("chunk:12", WHERE_CHUNK, 12);
	gives("11:06:50", WHERE_WALL, BEGIN + 10 * SECOND);
	gives("11:07", WHERE_WALL, BEGIN + 20 * SECOND);
	gives("11:06:39", WHERE_WALL, BEGIN + 86399 * SECOND); /* on the next day */
	gives("00:00", WHERE_WALL, BEGIN + (12 * 3600 + 53 * 60 + 20) * SECOND);
	gives("2026-11-18 12:00", WHERE_WALL, BEGIN + 3200 * SECOND);
	gives("@1795000005", WHERE_WALL, BEGIN + 5 * SECOND);
}
END_TEST

START_TEST(no_places)
{
	static const char *const none[] = { "", "+", "+x", "+1:60", "+1:2:3:4", "+1s", "chunk:",
		"chunk:-1", "chunk:1x", "chunk:99999999999999999999", "25:00", "12:61", "+1:",
		"+99999999999999999999", "nonsense", "+1.2.3" };
	struct where w;
	size_t i;

	for (i = 0; i < sizeof none / sizeof none[0]; i++)
		ck_assert_msg(where_parse(&w, none[i], BEGIN, BEGIN) < 0, "%s", none[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { places, no_places };

	setenv("TZ", "UTC0", 1);
	tzset();
	return suite_run("where", tests, sizeof tests / sizeof tests[0]);
}
