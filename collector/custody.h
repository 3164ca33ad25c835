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
 *   review DAY NOTE "ok LEAF" when the sign-off NOTE, in base64, is in the ledger with that
 *                   index; its session is stored in the folder of DAY
 *
 * or "refused" and why.
 */

/* Answers the line, at once or later.  1, or 0: it is no such line. */
int custody_ask(struct collector *c, struct client *cl, const char *line);

/* Who asked is gone. */
void custody_forget(struct collector *c, const struct client *cl);

#endif
