/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "enrolment.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A text that is taken has one spelling. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct enrolment e;
	char out[NOTE_MAX];
	int n;

	if (enrolment_parse(&e, (const char *)p, len) == 0) {
		n = enrolment_format(out, &e);
		assert(n >= 0 && (size_t)n == len && memcmp(out, p, len) == 0);
	}
	enrolment_open(&e, (const char *)p, len, NULL);
	return 0;
}
