/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_SCRATCH_H
#define SHELLAC_TEST_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A private folder that the test works in and that goes at the end of its
 * process; check(3) gives each test a process of its own. */

static char scratch_path[] = "/tmp/shellac-test.XXXXXX";

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void scratch_leave(void)
{
	if (chdir("/") == 0)
		nftw(scratch_path, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_enter(void)
{
	if (mkdtemp(scratch_path) == NULL || chdir(scratch_path) != 0)
		abort();
	atexit(scratch_leave);
}

#endif
