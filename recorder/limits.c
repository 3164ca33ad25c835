/* SPDX-License-Identifier: ISC */
#include "limits.h"

#include <stddef.h>

static const __rlimit_resource_t which[LIMITS] = {
	RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_CORE,
};

void limits_save(struct limits *l)
{
	size_t i;

	for (i = 0; i < LIMITS; i++)
		if (getrlimit(which[i], &l->of[i]) != 0)
			l->of[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
}

void limits_lift(void)
{
	struct rlimit l;
	size_t i;

	for (i = 0; i < LIMITS; i++) {
		if (getrlimit(which[i], &l) != 0)
			continue;
		l.rlim_cur = which[i] == RLIMIT_CORE ? 0 : l.rlim_max;
		setrlimit(which[i], &l);
	}
}

void limits_restore(const struct limits *l)
{
	size_t i;

	for (i = 0; i < LIMITS; i++)
		setrlimit(which[i], &l->of[i]);
}
