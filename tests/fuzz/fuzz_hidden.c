/* SPDX-License-Identifier: ISC */
/* The first byte is the policy and whether escapes are typed.  Then steps: what
 * happens, a length, so many bytes (the time that passes has none).  Two promises
 * are held against it: nothing that was typed at a line without echo is kept (HIGH
 * marks it), and no letter that the program did not answer. */
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "../../recorder/hidden.h"

#define MS UINT64_C(1000000)
#define HIGH 0x80
#define ESC 0x1b
#define F_PLAIN 0x04 /* of the first byte: without escapes any letter is text */

enum { STEP_TYPED, STEP_WRITTEN, STEP_PASSES };
enum { F_ECHO = 0x04, F_ICANON = 0x08, F_OFTEN = 0x10, OFTEN = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What went in and what came out. */
struct count {
	enum conf_input policy;
	int plain, echo;
	uint64_t now, written_ns;
	uint64_t typed, kept, hidden;
	uint64_t typed_of[256], kept_of[256];
};

/* May it be kept, as far as the promises go? */
static int may_keep(const struct count *c, uint8_t b, uint64_t typed_ns)
{
	if (c->policy == CONF_INPUT_ALL)
		return 1;
	if (b >= HIGH || c->policy == CONF_INPUT_NONE)
		return 0;
	if (!c->plain || !isalnum(b) || (c->echo && typed_ns == c->now))
		return 1;
	return c->written_ns > typed_ns;
}

static void keep(void *ctx, const uint8_t *p, size_t len, uint64_t typed_ns)
{
	struct count *c = ctx;

	assert(len > 0 && typed_ns <= c->now);
	for (c->kept += len; len > 0; p++, len--) {
		c->kept_of[*p]++;
		assert(may_keep(c, *p, typed_ns));
	}
}

static void hide(void *ctx, uint64_t n, uint64_t typed_ns)
{
	struct count *c = ctx;

	assert(n > 0 && typed_ns <= c->now);
	assert(c->policy != CONF_INPUT_ALL);
	c->hidden += n;
}

static void type(struct hidden *h, struct count *c, uint8_t how, const uint8_t *p, size_t len)
{
	int echo = (how & F_ECHO) != 0, icanon = (how & F_ICANON) != 0;
	uint8_t bytes[UINT8_MAX];
	size_t i;

	for (i = 0; i < len; i++) {
		bytes[i] = p[i] & (HIGH - 1);
		if (c->plain && bytes[i] == ESC)
			bytes[i] = 'e';
		if (!echo && icanon)
			bytes[i] |= HIGH;
		c->typed_of[bytes[i]]++;
	}
	c->typed += len;
	c->echo = echo;
	hidden_typed(h, c->now, bytes, len, echo, icanon);
}

static void step(struct hidden *h, struct count *c, uint8_t how, const uint8_t *p, size_t len)
{
	uint64_t at;

	c->now += MS;
	c->echo = 0;
	switch (how & 3) {
	case STEP_TYPED:
		if (len > 0)
			type(h, c, how, p, len);
		break;
	case STEP_WRITTEN:
		if (len == 0)
			break;
		c->written_ns = c->now;
		hidden_written(h, c->now, p, len);
		break;
	default:
		c->now += len * 10 * MS;
		hidden_tick(h, c->now);
		at = hidden_deadline(h);
		assert(at == 0 || at > c->now);
		break;
	}
	assert(c->kept + c->hidden <= c->typed);
	assert(h->held_len <= HIDDEN_HELD_MAX && h->pieces <= HIDDEN_PIECES_MAX);
}

static void check_end(const struct hidden *h, const struct count *c)
{
	size_t i;

	assert(c->kept + c->hidden == c->typed);
	assert(h->held_len == 0 && h->pieces == 0);
	for (i = 0; i < HIDDEN_HELD_MAX; i++)
		assert(h->held[i] == 0);
	for (i = 0; i < 256; i++)
		assert(c->kept_of[i] <= c->typed_of[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct hidden h;
	struct count c = { .now = 1000 * MS };
	const struct hidden_sink sink = { keep, hide, &c };
	size_t amount, n, times;

	if (len == 0)
		return 0;
	c.policy = (enum conf_input)((*p & 3) % 3);
	c.plain = (*p & F_PLAIN) != 0;
	hidden_init(&h, c.policy, &sink);
	for (p++, len--; len >= 2; p += n, len -= n) {
		uint8_t how = p[0];

		n = amount = p[1];
		p += 2;
		len -= 2;
		if ((how & 3) >= STEP_PASSES)
			n = 0;
		else if (n > len)
			n = amount = len;
		for (times = how & F_OFTEN ? OFTEN : 1; times > 0; times--)
			step(&h, &c, how, p, amount);
	}
	hidden_end(&h);
	check_end(&h, &c);
	return 0;
}
