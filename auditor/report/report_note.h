/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_NOTE_H
#define SHELLAC_REPORT_NOTE_H

#include "hash.h"
#include "merkle.h"
#include "note.h"

/* What an auditor signs of a report, shellac-format(5), "Reports": the text of a note. */
#define REPORT_NOTE_BEGIN "shellac report v1\n"
#define REPORT_SHA256 32

struct report_note {
	uint8_t host_id[ID_SIZE];
	uint64_t entries;          /* of the ledger that it was made from, */
	uint8_t root[MERKLE_HASH]; /* and their root */
	uint64_t size;             /* of the report, bytes, and their digests */
	uint8_t sha256[REPORT_SHA256];
	uint8_t blake2b[HASH_SIZE];
};

/* The text; its length. */
int report_note_format(char out[NOTE_MAX], const struct report_note *n);

/* Reads such a text, in no other than the spelling of report_note_format().  0 or
 * E_FORMAT. */
int report_note_parse(struct report_note *n, const char *text, size_t len);

/* Sets size and digests from the file fd.  0 or -errno. */
int report_note_digest(struct report_note *n, int fd);

#endif
