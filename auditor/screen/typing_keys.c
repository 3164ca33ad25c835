/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "screen/typing.h"

#define STALE_NS UINT64_C(1000000000)

static enum typing_at where_now(const struct typing *t)
{
	if (!t->brackets)
		return TYPING_UNKNOWN;
	return t->bracketed ? TYPING_PROMPTED : TYPING_PROGRAM;
}

static void forget_keys(struct typing *t)
{
	t->typed = 0;
	t->sure = 1;
	t->keys = 0;
}

static int press_enter(struct typing *t, uint64_t at_ns, int64_t chunk)
{
	struct typing_enter *e;
	int r = 0;

	if (t->taken_ns != 0 && at_ns <= t->taken_ns) { /* its echo was there already */
		forget_keys(t);
		return 0;
	}
	if (t->enters == TYPING_ENTERS)
		r = typing_give_up(t, 1);
	e = &t->enter[t->enters++];
	*e = (struct typing_enter){ .at_ns = at_ns, .chunk = chunk, .typed = t->typed,
		.at = where_now(t) };
	if (t->typed && t->sure && t->keys > 0 && (e->keys = malloc(t->keys)) != NULL) {
		memcpy(e->keys, t->key, t->keys);
		e->keys_len = t->keys;
	}
	forget_keys(t);
	return r;
}

static int begin(struct typing *t, uint64_t at_ns)
{
	struct lines_place place;
	size_t stale = 0;
	int r;

	if (t->typed)
		return 0;
	while (stale < t->enters && at_ns >= t->enter[stale].at_ns + STALE_NS)
		stale++;
	if ((r = typing_give_up(t, stale)) != 0)
		return r;
	t->typed = 1;
	if (at_ns > t->taken_ns)
		t->unseen = 0;
	place = typing_place_at(t, at_ns);
	if (t->enters == 0) /* else it is not known where that will be */
		lines_begin_typing(t->lines, &place);
	return 0;
}

static void drop(struct typing *t)
{
	if (t->typed)
		lines_drop_typing(t->lines);
	forget_keys(t);
}

static void add_key(struct typing *t, uint8_t c)
{
	if (t->keys < sizeof t->key)
		t->key[t->keys++] = (char)c;
	else
		t->sure = 0;
}

/* Back over one character of UTF-8. */
static void rub_out(struct typing *t)
{
	while (t->keys > 0 && ((uint8_t)t->key[t->keys - 1] & 0xc0) == 0x80)
		t->keys--;
	if (t->keys > 0)
		t->keys--;
}

/* An escape sequence has come to its end: a paste begins or ends, the terminal answers, or
 * it is a key that edits. */
static int end_sequence(struct typing *t, uint8_t final, uint64_t at_ns)
{
	int paste = t->seq_len >= 3 && memcmp(t->seq, "[20", 3) == 0 && final == '~';

	t->escape = 0;
	if (paste && t->seq_len == 4) {
		t->pasting = t->seq[3] == '0';
		return begin(t, at_ns);
	}
	if (memchr("RcnytIO", final, 7) != NULL && t->seq_len > 0 && t->seq[0] == '[')
		return 0;
	t->sure = 0;
	return begin(t, at_ns);
}

static int sequence(struct typing *t, uint8_t c, uint64_t at_ns)
{
	if (t->seq_len == 0 && (c == '[' || c == 'O')) {
		t->seq[t->seq_len++] = (char)c;
		return 0;
	}
	if (t->seq_len == 0 || c >= 0x40)
		return end_sequence(t, c, at_ns);
	if (t->seq_len < sizeof t->seq)
		t->seq[t->seq_len++] = (char)c;
	return 0;
}

static int control(struct typing *t, uint8_t c, uint64_t at_ns)
{
	switch (c) {
	case 0x03: case 0x1a: case 0x1c:
		drop(t);
		return 0;
	case 0x04:
		return 0;
	case 0x08: case 0x7f:
		if (!t->typed)
			return 0;
		rub_out(t);
		return 0;
	case 0x15:
		t->keys = 0;
		return 0;
	default:
		t->sure = 0;
		return begin(t, at_ns);
	}
}

static int key(struct typing *t, uint8_t c, uint64_t at_ns, int64_t chunk)
{
	if (t->escape)
		return sequence(t, c, at_ns);
	if (c == 0x1b) {
		t->escape = 1;
		t->seq_len = 0;
		return 0;
	}
	if (c == '\r' || c == '\n') {
		if (!t->pasting)
			return press_enter(t, at_ns, chunk);
		c = ' ';
	}
	if (c < 0x20 || c == 0x7f)
		return control(t, c, at_ns);
	add_key(t, c);
	return begin(t, at_ns);
}

int typing_keys(struct typing *t, const uint8_t *p, size_t len, uint64_t typed_ns, int64_t chunk)
{
	size_t i;
	int r = 0;

	if (t->lines->alternate) {
		forget_keys(t);
		t->escape = 0;
		return 0;
	}
	for (i = 0; i < len && r == 0; i++)
		r = key(t, p[i], typed_ns, chunk);
	return r;
}
