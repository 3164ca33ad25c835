/* SPDX-License-Identifier: ISC */
#include "replay/where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "words/date.h"
#include "err.h"

#define SECOND 1000000000
#define SECONDS_MAX 9000000000u /* 285 years: keeps all sums in their limits */

/* "90", "1:30", "0:01:30", seconds with a fraction.  0 or E_FORMAT. */
static int clock_text(const char *p, uint64_t *out_ns, int *parts)
{
	uint64_t sum = 0, part, unit = SECOND / 10;

	for (*parts = 1;; ++*parts, p++) {
		if (*p < '0' || *p > '9')
			return E_FORMAT;
		for (part = 0; *p >= '0' && *p <= '9' && part <= SECONDS_MAX; p++)
			part = part * 10 + (uint64_t)(*p - '0');
		sum = sum * 60 + part;
		if (sum > SECONDS_MAX || (*parts > 1 && part > 59))
			return E_FORMAT;
		if (*p != ':' || *parts == 3)
			break;
	}
	sum *= SECOND;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			sum += (uint64_t)(*p - '0') * unit;
	*out_ns = sum;
	return *p == '\0' ? 0 : E_FORMAT;
}

/* When a local clock first showed this time of day, from begin on. */
static int of_day(int64_t begin_ns, uint64_t day_ns, int64_t *out_ns)
{
	time_t begin = (time_t)(begin_ns / SECOND), at;
	struct tm tm;
	int days;

	for (days = 0; days < 2; days++) {
		if (localtime_r(&begin, &tm) == NULL)
			return E_RANGE;
		tm.tm_mday += days;
		tm.tm_hour = (int)(day_ns / SECOND / 3600);
		tm.tm_min = (int)(day_ns / SECOND / 60 % 60);
		tm.tm_sec = (int)(day_ns / SECOND % 60);
		tm.tm_isdst = -1;
		at = mktime(&tm);
		if (at >= begin)
			break;
	}
	*out_ns = (int64_t)at * SECOND + (int64_t)(day_ns % SECOND);
	return 0;
}

static int chunk_number(const char *p, uint64_t *out)
{
	char *end;

	if (*p < '0' || *p > '9')
		return E_FORMAT;
	errno = 0;
	*out = strtoull(p, &end, 10);
	return errno != 0 ? E_RANGE : *end == '\0' ? 0 : E_FORMAT;
}

int where_parse(struct where *out, const char *text, int64_t begin_ns, int64_t now_ns)
{
	struct where p = { .kind = WHERE_WALL };
	uint64_t ns;
	int parts, r;

	if (text[0] == '+') {
		p.kind = WHERE_ELAPSED;
		r = clock_text(text + 1, &p.elapsed_ns, &parts);
	} else if (strncmp(text, "chunk:", 6) == 0) {
		p.kind = WHERE_CHUNK;
		r = chunk_number(text + 6, &p.chunk);
	} else if (clock_text(text, &ns, &parts) == 0 && parts > 1) {
		if (parts == 2)
			ns *= 60; /* hours and minutes */
		r = ns < (uint64_t)SECOND * 86400 ? of_day(begin_ns, ns, &p.wall_ns) : E_FORMAT;
	} else {
		r = date_parse(text, now_ns, &p.wall_ns);
	}
	if (r == 0)
		*out = p;
	return r;
}
