/* SPDX-License-Identifier: ISC */
#include "candidate.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "note_line.h"

int candidate_set(struct candidate *k, const char *note, size_t len)
{
	struct checkpoint c;
	struct note n;
	int r;

	if ((r = note_parse(&n, note, len)) != 0 ||
	    (r = checkpoint_parse(&c, n.text, n.text_len)) != 0)
		return r;
	memset(k, 0, sizeof(*k));
	k->c = c;
	memcpy(k->note, note, len);
	k->len = len;
	k->text_len = n.text_len;
	return 0;
}

int candidate_take(struct candidate *k, unsigned witness, const struct note_key *key,
    const char *lines, size_t len, uint64_t *time_s)
{
	char whole[NOTE_MAX + 1];
	struct note n;
	int all, r;

	all = snprintf(whole, sizeof(whole), "%.*s\n%.*s", (int)k->text_len, k->note, (int)len,
	    lines);
	if (all < 0 || all > NOTE_MAX)
		return E_RANGE;
	if ((r = note_parse(&n, whole, (size_t)all)) != 0 ||
	    (r = note_verify(&n, key, time_s)) != 0)
		return r;
	r = note_line_of(k->line[witness], &n, key);
	k->seen[witness] = r == 0;
	return r;
}

int candidate_note(const struct candidate *k, char out[NOTE_MAX])
{
	size_t len = k->len, n;
	unsigned i;

	memcpy(out, k->note, len);
	for (i = 0; i < POLICY_WITNESSES_MAX; i++) {
		if (!k->seen[i])
			continue;
		n = strlen(k->line[i]);
		if (n > NOTE_MAX - len)
			return E_RANGE;
		memcpy(out + len, k->line[i], n);
		len += n;
	}
	return (int)len;
}
