/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLAIN_H
#define SHELLAC_PLAIN_H

#include "conf.h"
#include "inherit.h"
#include "options.h"
#include "spawn.h"

/* A login that is not recorded: just the shell. */

/* Whether a login that cannot be recorded goes on: one in any of the ways in, not
 * a command that somebody wants to have recorded (-c where the recorder is not
 * this user's login shell, --).  With away = strict
 * none does, but root's on a console of the machine, who may have come to mend
 * that. */
int plain_is_allowed(const struct options *o, const struct conf *conf);

/* Becomes the program, with all that the login handed on.  126 or 127 where that
 * cannot be, said on standard error. */
_Noreturn void plain_run(const struct program *prog, const struct inherited *in);

#endif
