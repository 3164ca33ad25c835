/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIMITS_H
#define SHELLAC_LIMITS_H

#include <sys/resource.h>

#define LIMITS 7

/* Those of setrlimit(2) that could end or starve a record: processor time, size of
 * files, memory, descriptors, locked memory, core.  The user's are for the program. */
struct limits {
	struct rlimit of[LIMITS];
};

void limits_save(struct limits *l);

/* For a process that records: as much as the hard limits, which a privileged
 * collector may have lifted meanwhile, allow; but no core. */
void limits_lift(void);

/* In the child, before exec.  Those lifted by others go down again, too. */
void limits_restore(const struct limits *l);

#endif
