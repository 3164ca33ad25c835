/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_GUARD_CHILD_H
#define SHELLAC_GUARD_CHILD_H

#include "guard.h"

/* In the process that is to be the plugin, a child of guard, with all signals blocked. */
_Noreturn void guard_child(const struct guard_start *s, pid_t guard);

#endif
