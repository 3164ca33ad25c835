/* SPDX-License-Identifier: ISC */
#include "export/text_json.h"

#include <errno.h>
#include <string.h>

#include "utf8.h"

#define UNKNOWN 0xfffdu
#define PLANE 0x10000u
#define REAL_DIGITS 15 /* so that 0.07 is written as 0.07 */

static int plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

static void put_unit(struct sink *out, uint32_t unit)
{
	static const char digit[] = "0123456789abcdef";
	const char text[6] = { '\\', 'u', digit[unit >> 12 & 15], digit[unit >> 8 & 15],
		digit[unit >> 4 & 15], digit[unit & 15] };

	sink_put(out, text, sizeof text);
}

static void put_rune(struct sink *out, uint32_t cp)
{
	const uint8_t c = (uint8_t)cp;

	if (cp < 0x80 && plain(c)) {
		sink_put(out, &c, 1);
	} else if (cp >= PLANE) {
		put_unit(out, 0xd800 + ((cp - PLANE) >> 10));
		put_unit(out, 0xdc00 + ((cp - PLANE) & 0x3ff));
	} else if (cp == '\n') {
		sink_str(out, "\\n");
	} else if (cp == '\r') {
		sink_str(out, "\\r");
	} else {
		put_unit(out, cp);
	}
}

/* What begins at p; the bytes taken, 0 where more are needed. */
static size_t put_one(struct text_json *t, struct sink *out, const uint8_t *p, size_t len)
{
	size_t n = 0;
	uint32_t cp;
	int r;

	while (n < len && plain(p[n]))
		n++;
	if (n > 0) {
		sink_put(out, p, n);
		return n;
	}
	r = utf8_next(p, len, &cp);
	if (r < 0) {
		t->odd = 1;
		put_rune(out, UNKNOWN);
		return (size_t)-r;
	}
	if (r > 0)
		put_rune(out, cp);
	return (size_t)r;
}

/* Bytes of p that end, or break, the character that is held; all where it needs more. */
static size_t complete(struct text_json *t, struct sink *out, const uint8_t *p, size_t len)
{
	size_t taken = 0, n;

	while (t->holds > 0 && taken < len) {
		t->held[t->holds++] = p[taken++];
		n = put_one(t, out, t->held, t->holds);
		if (n == 0)
			continue;
		/* broken: the byte that broke it begins something of its own */
		taken -= t->holds - n;
		t->holds = 0;
	}
	return taken;
}

void text_json_put(struct text_json *t, struct sink *out, const uint8_t *p, size_t len)
{
	size_t at = complete(t, out, p, len), n;

	for (; at < len; at += n) {
		n = put_one(t, out, p + at, len - at);
		if (n > 0)
			continue;
		t->holds = len - at;
		memcpy(t->held, p + at, t->holds);
		return;
	}
}

void text_json_end(struct text_json *t, struct sink *out)
{
	if (t->holds > 0) {
		t->odd = 1;
		put_rune(out, UNKNOWN);
	}
	t->holds = 0;
}

void text_json_str(struct sink *out, const char *text)
{
	struct text_json t = { .holds = 0 };

	sink_str(out, "\"");
	text_json_put(&t, out, (const uint8_t *)text, strlen(text));
	text_json_end(&t, out);
	sink_str(out, "\"");
}

/* A part of a value: outside of its strings there is no "<", and no DEL, which is ASCII. */
static int dump(const char *p, size_t len, void *arg)
{
	struct sink *out = arg;
	size_t n;

	for (;;) {
		for (n = 0; n < len && p[n] != '<' && p[n] != 0x7f;)
			n++;
		sink_put(out, p, n);
		if (n == len)
			return 0;
		put_unit(out, (uint8_t)p[n]);
		p += n + 1;
		len -= n + 1;
	}
}

int text_json_value(struct sink *out, json_t *o)
{
	int r = o == NULL ? -1 : json_dump_callback(o, dump, out, JSON_COMPACT |
	    JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));

	json_decref(o);
	return r == 0 ? out->error : -ENOMEM;
}
