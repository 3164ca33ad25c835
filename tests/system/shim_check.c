/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into shellac: time(2) is $SHIM_LATER seconds later, and the kernel says
 * of its clock what $SHIM_SYNC says: yes, no, or coarse.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

time_t time(time_t *out)
{
	const char *later = getenv("SHIM_LATER");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += later != NULL ? atol(later) : 0;
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

int adjtimex(struct timex *t)
{
	const char *sync = getenv("SHIM_SYNC");

	memset(t, 0, sizeof(*t));
	if (sync != NULL && strcmp(sync, "no") == 0) {
		t->status = STA_UNSYNC;
		return TIME_ERROR;
	}
	if (sync != NULL && strcmp(sync, "coarse") == 0)
		t->esterror = 5000000;
	return TIME_OK;
}
