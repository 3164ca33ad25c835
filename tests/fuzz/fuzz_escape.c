/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Whole UTF-8, and nothing but the zero and, where allowed, the hidden ones. */
static void check_text(const char *s, size_t len, int all_printable)
{
	uint32_t cp;
	int n;

	for (; len > 0; s += n, len -= (size_t)n) {
		n = utf8_next((const uint8_t *)s, len, &cp);
		assert(n > 0 && cp != 0);
		assert(!all_printable || escape_printable(cp));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	size_t size = len > 0 ? 8 + p[0] : 8, n;
	char *out = malloc(size), *text;

	if (out == NULL)
		return 0;
	assert(escape_bytes(out, size, p, len) == out);
	n = strnlen(out, size);
	assert(n < size);
	check_text(out, n, 1);
	free(out);

	text = utf8_from_bytes(p, len);
	if (text != NULL)
		check_text(text, strlen(text), 0);
	free(text);
	return 0;
}
