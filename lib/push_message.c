/* SPDX-License-Identifier: ISC */
#include "push_message.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

#define HEAD (1 + 2 + 16)

size_t push_witness_put(uint8_t p[PUSH_WITNESS_MAX], const struct push_witness *w)
{
	size_t len = strnlen(w->text, PUSH_TEXT_MAX);

	p[0] = PUSH_WITNESS;
	p[1] = w->index;
	p[2] = w->state;
	put_u64(p + 3, w->size);
	put_u64(p + 11, w->time_s);
	memcpy(p + HEAD, w->text, len);
	return HEAD + len;
}

int push_witness_parse(struct push_witness *w, const uint8_t *p, size_t len)
{
	if (len < HEAD || len > HEAD + PUSH_TEXT_MAX || p[0] != PUSH_WITNESS ||
	    p[1] >= POLICY_WITNESSES_MAX || p[2] >= PUSH_STATES ||
	    memchr(p + HEAD, '\0', len - HEAD) != NULL)
		return E_FORMAT;
	w->index = p[1];
	w->state = p[2];
	w->size = get_u64(p + 3);
	w->time_s = get_u64(p + 11);
	memcpy(w->text, p + HEAD, len - HEAD);
	w->text[len - HEAD] = '\0';
	return 0;
}

const char *push_state_word(unsigned state)
{
	static const char *const words[PUSH_STATES] = {"new", "fine", "away", "refused", "broken",
		"ROLLBACK", "FORK"};

	return state < PUSH_STATES ? words[state] : "?";
}
