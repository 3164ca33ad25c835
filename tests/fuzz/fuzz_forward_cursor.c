/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/forward/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is read is in order, and written and read again it is the same. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct cursor c, again;
	char *text, *more;
	size_t n, m, i;

	if (len > 65536 || cursor_parse(&c, (const char *)p, len) != 0)
		return 0;
	for (i = 0; i < c.used; i++)
		assert(c.at[i].n >= c.below && (i == 0 || c.at[i - 1].n < c.at[i].n));
	assert(cursor_format(&c, &text, &n) == 0);
	assert(cursor_parse(&again, text, n) == 0);
	assert(cursor_format(&again, &more, &m) == 0);
	assert(n == m && memcmp(text, more, n) == 0);
	free(text);
	free(more);
	cursor_free(&c);
	cursor_free(&again);
	return 0;
}
