/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OUTCOME_H
#define SHELLAC_OUTCOME_H

#include "verify/judge.h"

/* After a session was shown: says on stderr what is wrong with it, if anything.
 * Returns the exit status. */
int outcome_stop(const struct store_session *e, const struct verdict *v);

/* "session 7 (0123abcd): CUT, the recording stops ..." without line feed. */
#define OUTCOME_LINE_MAX 320
void outcome_line(char *out, const struct store_session *e, const struct verdict *v);

#endif
