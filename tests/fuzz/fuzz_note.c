/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A verifier key that is taken has one spelling. */
static void try_key(struct note_key *k, const uint8_t *p, size_t len)
{
	char out[NOTE_VKEY_MAX], *vkey = malloc(len + 1);

	if (vkey == NULL)
		return;
	memcpy(vkey, p, len);
	vkey[len] = '\0';
	if (note_key_parse(k, vkey) == 0) {
		note_key_format(out, k);
		assert(strcmp(out, vkey) == 0);
	}
	free(vkey);
}

/* The lines of a note's signatures, written again from what was read of them. */
static void try_lines(const struct note *n, const char *end)
{
	char text[BASE64_SIZE(4 + sizeof(n->sig[0].sig))];
	uint8_t bytes[4 + sizeof(n->sig[0].sig)];
	const char *line = n->text + n->text_len + 1;
	unsigned i;

	for (i = 0; i < n->sigs; i++) {
		const struct note_sig *s = &n->sig[i];

		assert(s->name == line + 4 && s->len > 0);
		line = memchr(line, '\n', (size_t)(end - line));
		assert(line != NULL);
		line++;
		if (s->len > sizeof(s->sig))
			continue;
		bytes[0] = (uint8_t)(s->id >> 24);
		bytes[1] = (uint8_t)(s->id >> 16);
		bytes[2] = (uint8_t)(s->id >> 8);
		bytes[3] = (uint8_t)s->id;
		memcpy(bytes + 4, s->sig, s->len);
		base64_put(text, bytes, 4 + s->len);
		assert(strlen(text) == (size_t)(line - s->name) - s->name_len - 2);
		assert(memcmp(s->name + s->name_len + 1, text, strlen(text)) == 0);
	}
	assert(line == end);
}

/* The first line is tried as a key, all behind it as a note that it signed. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *lf = memchr(p, '\n', len);
	struct note_key k = { .name = "example.com/foo", .alg = NOTE_COSIGNATURE, .id = 1 };
	struct note n;
	uint64_t t = 7;

	if (lf != NULL) {
		try_key(&k, p, (size_t)(lf - p));
		len -= (size_t)(lf + 1 - p);
		p = lf + 1;
	}
	if (note_parse(&n, (const char *)p, len) != 0)
		return 0;
	assert(n.sigs > 0 && n.sigs <= NOTE_SIGS_MAX);
	assert(n.text_len > 0 && n.text[n.text_len - 1] == '\n' && n.text[n.text_len] == '\n');
	try_lines(&n, (const char *)p + len);
	assert(note_verify(&n, &k, &t) == 0 || t == 7);
	return 0;
}
