/* SPDX-License-Identifier: ISC */
#include "ledger/ledger_access.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "ledger_file.h"

static int fits(const uint8_t expected[HASH_SIZE], const uint8_t salt[ENTRY_SALT],
    const char *p, size_t len)
{
	uint8_t digest[HASH_SIZE];
	struct hash h;

	hash_begin(&h);
	hash_add(&h, salt, ENTRY_SALT, p, len);
	hash_get(&h, digest);
	return memcmp(digest, expected, HASH_SIZE) == 0;
}

/* The next line, which begins with word: what follows it into out. */
static int take_line(const char **text, const char *word, char *out, const uint8_t *digest,
    const uint8_t *salt)
{
	const char *end = strchr(*text, '\n'), *p;
	size_t len;

	if (end == NULL || strncmp(*text, word, strlen(word)) != 0)
		return E_FORMAT;
	p = *text + strlen(word);
	len = (size_t)(end - p);
	if (!fits(digest, salt, p, len))
		return E_DIGEST;
	memcpy(out, p, len);
	out[len] = '\0';
	*text = end + 1;
	return 0;
}

static int take_text(struct ledger_access *a, const char *text, size_t len, const struct entry *e)
{
	const uint8_t *salt = e->u.access.salt;
	const char *p = text;
	int r;

	if ((r = take_line(&p, "who ", a->who, e->u.access.who, salt)) != 0 ||
	    (r = take_line(&p, "what ", a->what, e->u.access.what, salt)) != 0 ||
	    (r = take_line(&p, "reason ", a->reason, e->u.access.reason, salt)) != 0)
		return r;
	return p == text + len ? 0 : E_FORMAT;
}

int ledger_access_read(struct ledger_access *a, const struct store *s, const struct entry *e)
{
	uint8_t *text = NULL;
	char path[64];
	size_t len;
	int r;

	snprintf(path, sizeof path, LEDGER_DIR "/" LEDGER_ACCESS "/%" PRIu64, e->index);
	r = store_read_file(s, path, LEDGER_ACCESS_FILE_MAX - 1, &text, &len);
	if (r == 0)
		r = take_text(a, (const char *)text, len, e);
	free(text);
	return r;
}
