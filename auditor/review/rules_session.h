/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RULES_SESSION_H
#define SHELLAC_RULES_SESSION_H

#include "auditor.h"
#include "verify/judge.h"
#include "review/rules.h"

/* All hits in a session of the auditor's open store: the session itself, its commands, typed
 * lines and what stood on its screen, as far as that is proven; *v its verdict.  0 or -errno;
 * after anything but 0 there is nothing to release. */
int rules_session(struct rule_hits *out, const struct rules *r, struct auditor *a,
    struct store_session *e, struct verdict *v);

/* The rules of the file given, or, where that is NULL, of the usual one, which need not be
 * there.  An exit status, with a message. */
int rules_open(struct rules **out, const struct auditor *a, const char *given);

#endif
