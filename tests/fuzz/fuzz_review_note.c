/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "review_note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A text that is taken has one spelling, and so has a name. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char out[REVIEW_NOTE_MAX], *name;
	uint8_t digest[HASH_SIZE];
	struct review_note r;
	uint64_t number;
	int n;

	if (review_note_parse(&r, (const char *)p, len) == 0) {
		n = review_note_format(out, &r);
		assert(n >= 0 && (size_t)n == len && memcmp(out, p, len) == 0);
	}
	(void)review_note_open(&r, (const char *)p, len);
	name = strndup((const char *)p, len);
	if (name != NULL && review_note_name_parse(name, "note", &number, digest) == 0) {
		review_note_name(out, number, digest, "note");
		assert(strcmp(out, name) == 0);
	}
	free(name);
	return 0;
}
