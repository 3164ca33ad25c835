/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/words/date.h"
#include "err.h"

#define NOW (INT64_C(1795183200) * 1000000000)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Nothing breaks it; what is refused leaves the result alone, and what is not depends on
 * the text only. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int64_t first = 7, second = 8;
	char *text = strndup((const char *)p, len);
	int r;

	if (text == NULL)
		abort();
	r = date_parse(text, NOW, &first);
	assert(r == 0 || ((r == E_FORMAT || r == E_RANGE) && first == 7));
	assert(date_parse(text, NOW, &second) == r);
	assert(r != 0 || first == second);
	free(text);
	return 0;
}
