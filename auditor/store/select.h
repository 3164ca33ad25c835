/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SELECT_H
#define SHELLAC_SELECT_H

#include "store/store.h"

#define SELECT_PREFIX_MIN 4 /* digits of an id */
#define SELECT_NONE (-1)
#define SELECT_AMBIGUOUS (-2)
#define SELECT_NO_ID (-3)   /* nothing that could name a session */

/* The session that text names: its number (all digits), the start of its id (at
 * least SELECT_PREFIX_MIN hexadecimal digits), or "last".  Returns its index in
 * s->session, or a SELECT_ code; for SELECT_AMBIGUOUS *other is one of them. */
long select_session(const struct store *s, const char *text, long *other);

struct auditor;

/* The same with a message for the user: the session or NULL with *status set to
 * the exit status. */
struct store_session *select_or_complain(struct auditor *a, const char *text, int *status);

#endif
