/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "procs/procs.h"

/* On a terminal or from a login, and nobody recorded it.  sshd itself serves the login. */
static int is_unrecorded(const struct procs_row *r)
{
	const struct process_record *p = r->record;

	if (p == NULL || p->session != 0 || p->reason == REASON_RECORDER ||
	    p->reason == REASON_LEAD_IN)
		return 0;
	return r->acct->tty != 0 || p->reason == REASON_NO_RECORDER_TERMINAL ||
	    p->origin == ORIGIN_LOGIN ||
	    (p->origin == ORIGIN_SSHD && strncmp(r->acct->comm, "sshd", 4) != 0);
}

int procs_filter_takes(struct procs_filter *f, const struct procs_row *r)
{
	if (f->session != 0 && (r->record == NULL || r->record->session != f->session))
		return 0;
	if ((f->unrecorded && !is_unrecorded(r)) ||
	    (f->only != NULL && !expression_test(f->only, r)))
		return 0;
	if (f->strict && r->record->certainty != CERTAIN_EXACT) {
		f->uncertain++;
		return 0;
	}
	return 1;
}
