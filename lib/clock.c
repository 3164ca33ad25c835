/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <stdio.h>
#include <time.h>

#define NS 1000000000

static int64_t now(clockid_t id)
{
	struct timespec t = { 0, 0 };

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

uint64_t clock_mono(void)
{
	return (uint64_t)now(CLOCK_MONOTONIC);
}

uint64_t clock_boot(void)
{
	return (uint64_t)now(CLOCK_BOOTTIME);
}

int64_t clock_wall(void)
{
	return now(CLOCK_REALTIME);
}

char *clock_rfc3339(char *out, int64_t wall_ns)
{
	int64_t ns = wall_ns % NS;
	time_t s = (time_t)(wall_ns / NS);
	char date[CLOCK_RFC3339_SIZE];
	struct tm tm;

	if (ns < 0) {
		ns += NS;
		s--;
	}
	out[0] = '\0';
	/* 64 bits of nanoseconds are 1677 to 2262, always four digits of a year */
	if (gmtime_r(&s, &tm) != NULL && strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		snprintf(out, CLOCK_RFC3339_SIZE, "%.19s.%09uZ", date, (unsigned)ns);
	return out;
}
