/* SPDX-License-Identifier: ISC */
/* Preloaded into shellacd: its wall clock is $SHIM_WALL seconds ahead. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *ts)
{
	const char *ahead = getenv("SHIM_WALL");
	int (*real)(clockid_t, struct timespec *), r;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, ts);
	if (r == 0 && id == CLOCK_REALTIME && ahead != NULL)
		ts->tv_sec += atol(ahead);
	return r;
}
