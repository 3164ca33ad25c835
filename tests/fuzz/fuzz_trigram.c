/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "search/trigram.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int has_all(const struct trigrams *t, const struct need *n)
{
	for (unsigned i = 0; i < n->places; i++)
		if ((t->bit[n->place[i] / 8] >> (n->place[i] & 7) & 1) == 0)
			return 0;
	return 1;
}

/* A line that the pattern fits is in a block that is looked at. */
static void look(const struct pattern *p, const char *line, size_t len)
{
	static struct trigrams t;
	static struct needs n;
	size_t at, hit;
	unsigned i = 0;

	memset(&t, 0, sizeof t);
	memset(&n, 0, sizeof n);
	assert(trigrams_add(&t, line, len) == 0);
	needs_add(&n, p);
	if (n.any || pattern_find(p, line, len, 0, &at, &hit) != 1)
		return;
	while (i < n.needs && !has_all(&t, &n.need[i]))
		i++;
	assert(i < n.needs);
}

/* A byte of flags, the pattern, a line feed, the line. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = malloc(len + 1), why[PATTERN_WHY], *end;
	struct pattern *made;

	if (text == NULL)
		abort();
	memcpy(text, p, len);
	text[len] = '\0';
	end = len > 0 ? memchr(text + 1, '\n', len - 1) : NULL;
	if (end != NULL) {
		*end = '\0';
		if (pattern_new(&made, text + 1, p[0] & 3, why) == 0) {
			look(made, end + 1, len - (size_t)(end + 1 - text));
			pattern_free(made);
		}
	}
	free(text);
	return 0;
}
