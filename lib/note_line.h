/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTE_LINE_H
#define SHELLAC_NOTE_LINE_H

#include "note.h"

/* The signature line of a note under k's name and id, with its line feed, as
 * note_sign() writes one.  0, E_KEY (there is none) or E_RANGE; it is not verified. */
int note_line_of(char out[NOTE_LINE_MAX], const struct note *n, const struct note_key *k);

#endif
