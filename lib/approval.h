/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_APPROVAL_H
#define SHELLAC_APPROVAL_H

#include <stddef.h>

#include "note.h"
#include "note_text.h"

/*
 * What allows that sessions are purged, shellac-format(5), "Approvals": a note that an
 * auditor signed.
 */
#define APPROVAL_SESSIONS_MAX 64
#define APPROVAL_REASON_MAX 400
#define APPROVERS_MAX 32        /* keys in a file */
#define APPROVERS_FILE_MAX 65536

struct approval {
	uint8_t id[APPROVAL_SESSIONS_MAX][ID_SIZE];
	unsigned sessions;      /* 1 or more */
	char date[NOTE_DATE_SIZE];
	char reason[APPROVAL_REASON_MAX + 1]; /* printable ASCII, not empty */
};

/* The text of the note; its length, or E_FORMAT for a date or reason that is none, E_RANGE
 * for no sessions. */
int approval_format(char out[NOTE_MAX], const struct approval *a);

/* Reads such a text, in no other than the spelling of approval_format().  0, E_FORMAT or
 * E_RANGE. */
int approval_parse(struct approval *a, const char *text, size_t len);

/* Does it name the session? */
int approval_names(const struct approval *a, const uint8_t id[ID_SIZE]);

/* Keys whose approval counts. */
struct approvers {
	struct note_key key[APPROVERS_MAX];
	unsigned keys;
};

/* Reads a file of verifier keys, one a line; empty lines and those that begin with # say
 * nothing.  0; -errno; -EPERM where it is neither root's nor ours or others may write to
 * it; E_KEY (a line is none), E_RANGE (none, too many, too long).  A link is not followed
 * in the last component. */
int approvers_load(struct approvers *k, const char *path);

/* What is wrong with such a file, for an error of approvers_load(). */
const char *approvers_error(int r);

/* The note of len bytes, signed by one of these.  0 and *a; as note_parse() and
 * approval_parse(); E_KEY where none of them signed, E_SIGNATURE where what bears the
 * name and id of one is wrong. */
int approval_open(struct approval *a, const char *p, size_t len, const struct approvers *k);

#endif
