/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTE_TEXT_H
#define SHELLAC_NOTE_TEXT_H

#include <stddef.h>

#include "bytes.h"

/* Lines of notes that people sign: a word, a space, a value. */
#define NOTE_DATE_SIZE 21 /* "2026-11-21T08:00:00Z" and a zero */

/* Takes "WORD VALUE" and its line feed off the rest: the value, which has no zero, into
 * value of size chars.  0, or E_FORMAT: nothing was taken. */
int note_text_take(struct rest *b, const char *word, char *value, size_t size);

/* The shape alone: what day it is its signer says, and nobody else knows. */
int note_date_good(const char *s);

/* The wall clock's, UTC. */
void note_date_now(char out[NOTE_DATE_SIZE]);

#endif
