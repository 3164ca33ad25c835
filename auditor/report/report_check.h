/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_CHECK_H
#define SHELLAC_REPORT_CHECK_H

#include "note.h"

/* Could these bytes be the note of a report? */
int report_check_is_note(const uint8_t *p, size_t len);

/* Has the auditor signed the note of len bytes, which is the file path, and is the report
 * beside it the one that it is of?  Says what the note says.  An exit status. */
int report_check(const char *path, const struct note_key *auditor, const uint8_t *p, size_t len);

#endif
