/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void walk(const struct pattern *p, const char *line, size_t len)
{
	size_t from = 0, at, hit;
	int r;

	while ((r = pattern_find(p, line, len, from, &at, &hit)) == 1) {
		assert(at >= from && at <= len && hit <= len - at);
		from = at + (hit > 0 ? hit : 1);
		if (from > len)
			return;
	}
	assert(r == 0 || r == E_RANGE || r == -ENOMEM);
}

/* A byte of flags, the pattern, a line feed, the line. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = malloc(len + 1), why[PATTERN_WHY] = "";
	struct pattern *made = NULL;
	size_t n;
	int r;

	if (text == NULL)
		abort();
	memcpy(text, p, len);
	text[len] = '\0';
	if (len > 0) {
		const char *end = memchr(text + 1, '\n', len - 1);

		n = end != NULL ? (size_t)(end - text) : len;
		text[n] = '\0';
		r = pattern_new(&made, text + 1, p[0] & (PATTERN_REGEX | PATTERN_NOCASE), why);
		assert(r == 0 || (r == E_FORMAT && why[0] != '\0' && made == NULL));
		if (r == 0 && n < len)
			walk(made, text + n + 1, len - n - 1);
	}
	pattern_free(made);
	free(text);
	return 0;
}
