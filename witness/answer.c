/* SPDX-License-Identifier: ISC */
#include "answer.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_CHARS 200

void answer_line(struct answer *a, unsigned status, const char *fmt, ...)
{
	char line[LINE_CHARS];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	a->status = status;
	a->type = ANSWER_TEXT;
	a->len = (size_t)snprintf(a->body, sizeof(a->body), "%s\n", line);
}
