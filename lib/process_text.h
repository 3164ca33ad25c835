/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_TEXT_H
#define SHELLAC_PROCESS_TEXT_H

#include <stddef.h>

#include "process_record.h"

/* An EXEC or an INPUT and the text of the TEXTs behind it, from slots one after the other. */
struct process_text {
	struct process_record record; /* of the EXEC or INPUT: its kind says which of these */
	struct process_exec exec;
	struct process_input input;
	size_t have, want;            /* bytes of the text that are here, and that there are */
	char text[INPUT_TEXT_MAX + 1]; /* hostile; a zero stands behind want */
};

/* The longest text of any kind. */
#define PROCESS_TEXT_MAX INPUT_TEXT_MAX

/* Number of TEXT slots behind a record with so much text. */
size_t process_text_slots(uint32_t text_len);

/* Nothing was taken yet. */
void process_text_init(struct process_text *t);

/* Is text still to come?  Then any slot but a TEXT tears it apart. */
int process_text_waits(const struct process_text *t);

/* Takes the next slot, of whichever kind.  1: an EXEC or INPUT is whole now.  0: it is
 * none, or its text goes on.  E_FORMAT: a TEXT that does not belong to the one before, or with
 * something behind its text. */
int process_text_take(struct process_text *t, const struct process_record *r);

/* The program, or the working folder: EXEC_EXE, EXEC_CWD; NULL where it is not known. */
const char *process_text_path(const struct process_text *t, unsigned which);

/* The arguments, each ended by a zero, and their bytes with these; NULL where they are
 * not known. */
const char *process_text_args(const struct process_text *t, size_t *len);

#endif
