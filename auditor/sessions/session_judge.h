/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_JUDGE_H
#define SHELLAC_SESSION_JUDGE_H

#include "session_record.h"

#define SESSION_TEXT_MAX 512 /* bytes kept of a program's path, of its arguments */

/* A session judged, and what its row's strings point to. */
struct session_judged {
	struct session_record record;
	struct verdict verdict;
	char program[SESSION_TEXT_MAX], args[SESSION_TEXT_MAX];
};

/* Reads all of a session, as shown_session().  The record has what the file alone and how
 * say: level, expected and findings of the ledger are session_ledger_grade()'s.  0 or
 * -errno. */
int session_judge(struct session_judged *out, const struct store *s, struct store_session *e,
    const struct judge_how *how);

#endif
