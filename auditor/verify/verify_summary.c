/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "clock.h"
#include "output/json.h"
#include "verify/verify.h"

static void sessions(const struct verify *v)
{
	const char *sep = ": ";
	int i;

	printf("%llu session%s", v->sessions, v->sessions == 1 ? "" : "s");
	for (i = 0; i <= VERIFY_MISSING; i++) {
		if (v->count[i] == 0)
			continue;
		printf("%s%llu %s", sep, v->count[i],
		    i == VERIFY_MISSING ? "MISSING" : verdict_word((enum verdict_status)i));
		sep = ", ";
	}
	if (v->dropped > 0)
		printf("; %llu kept no longer", v->dropped);
	if (v->loose > 0)
		printf("; %llu other finding%s", v->loose, v->loose == 1 ? "" : "s");
	if (v->process_files > 0)
		printf("; %llu process records", v->processes);
	putchar('\n');
}

static void levels(const struct verify *v)
{
	const char *sep = "";
	int i;

	for (i = VERIFY_LEVELS - 1; i >= 0; i--) {
		if (v->at_level[i] == 0)
			continue;
		printf("%s%llu proven at level %d", sep, v->at_level[i], i);
		sep = ", ";
	}
	if (sep[0] != '\0')
		putchar('\n');
}

void verify_summary(const struct verify *v)
{
	if (v->json)
		return;
	sessions(v);
	levels(v);
}
