/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIFT_H
#define SHELLAC_LIFT_H

#include <sys/types.h>

/* Takes from a recorder the hard limits that its user set, setrlimit(2): processor
 * time, size of files, memory, locked memory, descriptors (at least 1,024).  A
 * recorder has saved them and gives them back to its program.  0 or -errno: -EPERM
 * without CAP_SYS_RESOURCE where one is in the way. */
int lift_limits(pid_t pid);

#endif
