/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENTS_TEXT_H
#define SHELLAC_EVENTS_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * One event as it is written: an object of JSON on a line.  Commas are put where they are
 * needed.  What does not fit the room sets full and nothing more is written: a caller
 * looks once, at the end.
 */
struct events_text {
	char *p;
	size_t len, room;
	int full;
	int cut;  /* a value was longer than it may be: its start is there */
	int open; /* a value may follow without a comma */
};

#define EVENTS_BYTES_MAX 4096 /* of one value from outside, before it is escaped */

/* Bytes that are JSON. */
void events_text_raw(struct events_text *t, const char *p, size_t len);

/* "name":  What follows must be a value. */
void events_text_name(struct events_text *t, const char *name);

/* Objects and lists; name NULL within a list. */
void events_text_begin(struct events_text *t, const char *name, char bracket);
void events_text_end(struct events_text *t, char bracket);

void events_text_number(struct events_text *t, const char *name, uint64_t v);
void events_text_bool(struct events_text *t, const char *name, int v);
/* RFC 3339, UTC; nothing where clock_rfc3339() has none. */
void events_text_date(struct events_text *t, const char *name, int64_t wall_ns);
/* Lower-case hexadecimal of at most 32 bytes. */
void events_text_hex(struct events_text *t, const char *name, const uint8_t *p, size_t len);
/* A word of ours: printable ASCII without quote and backslash. */
void events_text_word(struct events_text *t, const char *name, const char *word);
/* Bytes from outside, escaped as on the log (escape.h), at most EVENTS_BYTES_MAX of them. */
void events_text_bytes(struct events_text *t, const char *name, const void *p, size_t len);
/* The same of a string; nothing where it is empty. */
void events_text_string(struct events_text *t, const char *name, const char *s);

#endif
