/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RULES_LOOK_H
#define SHELLAC_RULES_LOOK_H

#include "../feed.h"
#include "ended.h"

/* What shellac rules says of a session becomes events. */
struct look {
	const char *shellac, *dir, *rules; /* the program; dir, rules: NULL for the usual */
	unsigned timeout_s;
};

/* Sends what has not come back yet and counts it in s->sent.  0; -ECANCELED: the feed was
 * over first; E_REFUSED: the program could not, as its exit status or time says; -errno. */
int look_at(const struct look *l, struct feed *f, struct ended_session *s);

#endif
