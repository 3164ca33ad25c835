/* SPDX-License-Identifier: ISC */
#include "screen/quick_parse.h"

#include <string.h>

#include "utf8.h"

#define ESC 0x1b
#define PARAM_MAX 9999
#define PARAMS_MAX 16
#define ONES UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

/* Eight bytes at a time: the high bit tells of those under 0x20, of DEL and of 0x80 on. */
size_t quick_text_len(const uint8_t *p, size_t len)
{
	size_t n = 0;
	uint64_t x;

	for (; n + sizeof x <= len; n += sizeof x) {
		memcpy(&x, p + n, sizeof x);
		if (((x - ONES * 0x20) | (x + ONES) | x) & HIGH)
			break;
	}
	while (n < len && p[n] >= 0x20 && p[n] < 0x7f)
		n++;
	return n;
}

static void parse_string(struct quick_token *t, const uint8_t *p, size_t len)
{
	size_t n = 2;

	while (n < len && p[n] != '\a' && p[n] != '\r' && p[n] != '\n' && p[n] != 0x18 &&
	    p[n] != 0x1a && p[n] != ESC)
		n++;
	if (n == len)
		return;
	t->kind = QUICK_STRING;
	t->len = n + (p[n] == '\a' || p[n] == 0x18 || p[n] == 0x1a);
}

static int is_text_mode(uint8_t prefix, uint32_t mode)
{
	if (prefix == 0)
		return mode == 4 || mode == 20;
	return mode == 6 || mode == 7 || mode == 47 || (mode >= 1047 && mode <= 1049);
}

struct params {
	uint32_t value[PARAMS_MAX];
	unsigned count;
	int colons;
};

static enum quick_kind kind_of(uint8_t prefix, const struct params *a, uint8_t *final)
{
	unsigned i;

	if (*final == 'h' || *final == 'l') {
		for (i = 0; i < a->count; i++)
			if (is_text_mode(prefix, a->value[i]))
				return QUICK_OTHER;
		return QUICK_NOTHING;
	}
	if (prefix != 0)
		return prefix == '?' && (*final == 'J' || *final == 'K') ? QUICK_OTHER :
		    QUICK_NOTHING;
	if (*final == 'm')
		return QUICK_CSI;
	if (a->colons)
		return QUICK_OTHER;
	switch (*final) {
	case 'a':
		*final = 'C';
		return QUICK_CSI;
	case 'j':
		*final = 'D';
		return QUICK_CSI;
	case '`':
		*final = 'G';
		return QUICK_CSI;
	case 'C': case 'D': case 'G': case 'K': case 'J': case 'X': case 'P': case '@':
		return QUICK_CSI;
	case 'n': case 'c': case 't': case 'q':
		return QUICK_NOTHING;
	default:
		return QUICK_OTHER;
	}
}

/* 1; 0: too many, or another byte. */
static int add_param(struct params *a, uint8_t b)
{
	uint32_t *v;

	if (a->count == 0)
		a->count = 1;
	if (b == ';' || b == ':') {
		a->colons |= b == ':';
		return a->count < PARAMS_MAX && ++a->count > 0;
	}
	v = &a->value[a->count - 1];
	*v = *v * 10 + (uint32_t)(b - '0');
	if (*v > PARAM_MAX)
		*v = PARAM_MAX;
	return 1;
}

static void parse_csi(struct quick_token *t, const uint8_t *p, size_t len)
{
	struct params a = { .count = 0 };
	uint8_t prefix = 0;
	size_t n = 2;

	if (n < len && p[n] >= '<' && p[n] <= '?')
		prefix = p[n++];
	for (; n < len && p[n] >= '0' && p[n] <= ';'; n++)
		if (!add_param(&a, p[n])) {
			t->kind = QUICK_OTHER;
			return;
		}
	if (n == len)
		return;
	t->kind = QUICK_OTHER;
	if (p[n] < 0x40 || p[n] > 0x7e)
		return;
	t->final = p[n];
	t->param = a.value[0];
	t->len = n + 1;
	t->kind = kind_of(prefix, &a, &t->final);
}

static void parse_escape(struct quick_token *t, const uint8_t *p, size_t len)
{
	t->kind = QUICK_CUT;
	if (len < 2)
		return;
	switch (p[1]) {
	case '[':
		parse_csi(t, p, len);
		return;
	case ']': case 'P': case 'X': case '^': case '_': case 'k':
		parse_string(t, p, len);
		return;
	case '(':
		if (len < 3)
			return;
		t->kind = p[2] == 'B' ? QUICK_NOTHING : QUICK_OTHER;
		t->len = 3;
		return;
	case '=': case '>': case '\\':
		t->kind = QUICK_NOTHING;
		t->len = 2;
		return;
	default:
		t->kind = QUICK_OTHER;
		return;
	}
}

void quick_parse(struct quick_token *t, const uint8_t *p, size_t len)
{
	int r;

	*t = (struct quick_token){ .kind = QUICK_CONTROL, .len = 1 };
	if (*p >= 0x80) {
		r = utf8_next(p, len, &t->rune);
		t->kind = r > 0 ? QUICK_RUNE : r == 0 ? QUICK_CUT : QUICK_OTHER;
		t->len = r > 0 ? (size_t)r : 1;
	} else if (*p == ESC) {
		parse_escape(t, p, len);
	} else if (*p >= 0x20 && *p < 0x7f) {
		t->kind = QUICK_TEXT;
		t->len = quick_text_len(p, len);
	}
}
