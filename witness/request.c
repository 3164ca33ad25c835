/* SPDX-License-Identifier: ISC */
#include "request.h"

#include <string.h>

#include "base64.h"
#include "decimal.h"
#include "err.h"

static const char old_word[] = "old ";

/* The line at *p without its line feed; *p goes behind it.  NULL where there is none. */
static const char *take_line(const char **p, const char *end, size_t *len)
{
	const char *line = *p, *feed = memchr(line, '\n', (size_t)(end - line));

	if (feed == NULL)
		return NULL;
	*len = (size_t)(feed - line);
	*p = feed + 1;
	return line;
}

int request_parse(struct request *q, const char *p, size_t len)
{
	const char *end = p + len, *line;
	struct request r = {0};
	size_t n;

	line = take_line(&p, end, &n);
	if (line == NULL || n < sizeof(old_word) - 1 ||
	    memcmp(line, old_word, sizeof(old_word) - 1) != 0 ||
	    decimal_get(&r.old, line + sizeof(old_word) - 1, n - (sizeof(old_word) - 1)) != 0)
		return E_FORMAT;
	while ((line = take_line(&p, end, &n)) != NULL && n > 0) {
		if (r.proofs == REQUEST_PROOF_MAX || base64_get_all(r.proof[r.proofs],
		    MERKLE_HASH, line, n) != 0)
			return E_FORMAT;
		r.proofs++;
	}
	if (line == NULL)
		return E_FORMAT;
	r.checkpoint = p;
	r.len = (size_t)(end - p);
	*q = r;
	return 0;
}
