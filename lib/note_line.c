/* SPDX-License-Identifier: ISC */
#include "note_line.h"

#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "err.h"

#define KEY_ID 4
#define RAW_MAX (KEY_ID + sizeof(((struct note_sig *)0)->sig))

int note_line_of(char out[NOTE_LINE_MAX], const struct note *n, const struct note_key *k)
{
	char base64[BASE64_SIZE(RAW_MAX)];
	const struct note_sig *s = n->sig, *end = n->sig + n->sigs;
	uint8_t raw[RAW_MAX];
	size_t len;

	while (s < end && (s->id != k->id || s->name_len != strlen(k->name) ||
	    memcmp(s->name, k->name, s->name_len) != 0))
		s++;
	if (s == end)
		return E_KEY;
	raw[0] = (uint8_t)(s->id >> 24);
	raw[1] = (uint8_t)(s->id >> 16);
	raw[2] = (uint8_t)(s->id >> 8);
	raw[3] = (uint8_t)s->id;
	if (s->len > sizeof(s->sig))
		return E_RANGE;
	memcpy(raw + KEY_ID, s->sig, s->len);
	base64_put(base64, raw, KEY_ID + s->len);
	len = (size_t)snprintf(out, NOTE_LINE_MAX, "\u2014 %s %s\n", k->name, base64);
	return len < NOTE_LINE_MAX ? 0 : E_RANGE;
}
