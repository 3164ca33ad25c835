/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_WRITE_H
#define SHELLAC_REPORT_WRITE_H

#include "report/report_note.h"
#include "report/report_print.h"

/* Where a report goes, and by whom it is signed. */
struct report_write {
	void (*print)(const struct report_print *p);
	const char *path;         /* NULL: standard output */
	const char *secret;       /* an auditor's key, NULL for none; it wants a path */
	struct report_note note;  /* what it was made from; the rest is set here */
};

/* Writes it, and with secret the note beside it, PATH.note: both as a whole or not at all,
 * and in nobody's place.  An exit status, with a message where it is not AUDIT_OK. */
int report_write(struct report_write *w, struct report_print *p);

#define REPORT_NOTE_SUFFIX ".note"

#endif
