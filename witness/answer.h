/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ANSWER_H
#define SHELLAC_ANSWER_H

#include <stddef.h>

#include "note.h"

/* What goes back over HTTP. */
#define ANSWER_TEXT "text/plain; charset=utf-8"
#define ANSWER_SIZE "text/x.tlog.size"

struct answer {
	unsigned status;
	const char *type;
	char body[NOTE_MAX + NOTE_LINE_MAX];
	size_t len;
};

/* An answer that is one line: text and a line feed. */
void answer_line(struct answer *a, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
