/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "report/report_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A text that is taken has one spelling. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char out[NOTE_MAX];
	struct report_note r;
	int n;

	if (report_note_parse(&r, (const char *)p, len) != 0)
		return 0;
	n = report_note_format(out, &r);
	assert(n >= 0 && (size_t)n == len && memcmp(out, p, len) == 0);
	return 0;
}
