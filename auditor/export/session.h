/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_SESSION_H
#define SHELLAC_EXPORT_SESSION_H

#include "auditor.h"
#include "export/source.h"
#include "verify/verify.h"

/* A session of the open store as the source of an export. */
struct export_session {
	struct export_source source; /* source.ask is the caller's to set before */
	struct judge_how how;
	struct expect expect;
	struct verify ledger;
	int fd;
	int finding; /* exit status is AUDIT_FINDING */
};

/* Judges it, reads the facts.  0; AUDIT_CANNOT, which was said.  Close it either way. */
int export_session_open(struct export_session *x, const struct auditor *a,
    struct store_session *e);
void export_session_close(struct export_session *x);

#endif
