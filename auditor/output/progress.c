/* SPDX-License-Identifier: ISC */
#include "output/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define SAY_AFTER_NS UINT64_C(500000000)

void progress_begin(struct progress *p, const char *what)
{
	*p = (struct progress){ .what = what, .begun_ns = clock_mono(), .said = -1 };
}

void progress_at(struct progress *p, uint64_t done, uint64_t all)
{
	int percent = all > 0 ? (int)(100.0 * (double)done / (double)all) : 100;

	if (percent == p->said || clock_mono() - p->begun_ns < SAY_AFTER_NS ||
	    !isatty(STDERR_FILENO))
		return;
	p->said = percent;
	fprintf(stderr, "\r%s: %d %%", p->what, percent);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->said < 0)
		return;
	fprintf(stderr, "\r%*s\r", (int)strlen(p->what) + 8, "");
	fflush(stderr);
	p->said = -1;
}
