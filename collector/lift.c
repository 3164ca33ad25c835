/* SPDX-License-Identifier: ISC */
#include "lift.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

#define FILES 1024

static const struct {
	__rlimit_resource_t which;
	rlim_t least;
} lifted[] = {
	{RLIMIT_CPU, RLIM_INFINITY},	 {RLIMIT_FSIZE, RLIM_INFINITY}, {RLIMIT_AS, RLIM_INFINITY},
	{RLIMIT_DATA, RLIM_INFINITY},	 {RLIMIT_NOFILE, FILES},
	{RLIMIT_MEMLOCK, RLIM_INFINITY},
};

static int lift(pid_t pid, __rlimit_resource_t which, rlim_t least)
{
	struct rlimit l;

	/* its soft limits a recorder raises itself; RLIM_INFINITY is the largest number */
	if (prlimit(pid, which, NULL, &l) == 0 && l.rlim_max >= least)
		return 0;
	l = (struct rlimit){least, least};
	return prlimit(pid, which, &l, NULL) == 0 ? 0 : -errno;
}

int lift_limits(pid_t pid)
{
	int r = 0, e;
	size_t i;

	for (i = 0; i < sizeof(lifted) / sizeof(*lifted); i++) {
		e = lift(pid, lifted[i].which, lifted[i].least);
		if (e != 0)
			r = e;
	}
	return r;
}
