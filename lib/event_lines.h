/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENT_LINES_H
#define SHELLAC_EVENT_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "event_journal.h"

/* The lines of one segment that may still grow, or be cut at its end. */
struct event_lines {
	int fd;
	uint64_t off;  /* in the file, of the byte at buf */
	size_t pos, have; /* of buf: read up to; filled up to */
	char buf[2 * EVENT_JOURNAL_LINE];
};

/* From the file's start.  fd stays the caller's. */
void event_lines_init(struct event_lines *l, int fd);

/* The next whole line, its line feed included: 1 and it, good until the next call.  Lines
 * longer than EVENT_JOURNAL_LINE are passed over.  0: there is none yet; else -errno. */
int event_lines_next(struct event_lines *l, const char **line, size_t *len);

/* Where the next line begins: bytes of the file. */
uint64_t event_lines_offset(const struct event_lines *l);

#endif
