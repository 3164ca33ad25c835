/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HOST_WORDS_H
#define SHELLAC_HOST_WORDS_H

#include "words/expression.h"

/* Which hosts of a fleet a command is about: an expression of the predicate host alone. */

/* No words are all hosts.  AUDIT_OK, or an exit status, said; expression_free() it. */
int host_words_read(struct expression **out, const char *command, int argc, char *const *argv);
/* Is a host of that name one of them?  1 or 0. */
int host_words_takes(const struct expression *e, const char *name);

#endif
