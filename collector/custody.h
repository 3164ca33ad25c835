/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CUSTODY_H
#define SHELLAC_CUSTODY_H

#include "control.h"

/*
 * Lines on the control socket about what happens to recordings.
 *
 *   purge N [NOTE]  "ok CHUNKS BYTES" when the payload is deleted, "late" where that
 *                   takes long and goes on; NOTE: an approval, in base64
 *   hold N TEXT     "ok" when session N is held; TEXT, printable ASCII, is why
 *   release N       "ok"
 *
 * or "refused" and why.
 */

/* Answers the line, at once or later.  1, or 0: it is no such line. */
int custody_ask(struct collector *c, struct client *cl, const char *line);

#endif
