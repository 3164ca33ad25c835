/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_LEDGER_H
#define SHELLAC_SESSION_LEDGER_H

#include "session.h"

/* What the ledger hears of a session. */

/* OPEN: it counts among what has to be on disk before its certificate goes out.  0 or
 * -errno: then the session must not be. */
int session_ledger_open(struct session *s);

/* CLOSE, unless the ledger has it or never knew of the session. */
void session_ledger_close(struct session *s);

/* GAP: what r tells was lost. */
void session_ledger_gap(struct session *s, const struct intake_result *r);

/* FAIL: one cannot be stored (negative code), or can again (0): said of the first and
 * of the last. */
void session_ledger_stalled(const struct collector *c, int error);

/* A session whose file is on disk as it is: from here on it is vouched for.  0 or a
 * negative code. */
int session_vouch_begin(struct session *s);

/* What a sync that is handed in now covers; and that it is done. */
void session_vouch(struct session *s);
void session_vouched(struct session *s);

#endif
