/* SPDX-License-Identifier: ISC */
#include "events_text.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "escape.h"

#define HEX_MAX 32

void events_text_raw(struct events_text *t, const char *p, size_t len)
{
	if (t->full || len > t->room - t->len) {
		t->full = 1;
		return;
	}
	memcpy(t->p + t->len, p, len);
	t->len += len;
}

static void put(struct events_text *t, const char *s)
{
	events_text_raw(t, s, strlen(s));
}

void events_text_name(struct events_text *t, const char *name)
{
	if (!t->open)
		put(t, ",");
	t->open = 0;
	if (name == NULL)
		return;
	put(t, "\"");
	put(t, name);
	put(t, "\":");
}

void events_text_begin(struct events_text *t, const char *name, char bracket)
{
	events_text_name(t, name);
	events_text_raw(t, &bracket, 1);
	t->open = 1;
}

void events_text_end(struct events_text *t, char bracket)
{
	events_text_raw(t, &bracket, 1);
	t->open = 0;
}

void events_text_number(struct events_text *t, const char *name, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	events_text_name(t, name);
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	events_text_raw(t, p, (size_t)(digits + sizeof(digits) - p));
}

void events_text_bool(struct events_text *t, const char *name, int v)
{
	events_text_name(t, name);
	put(t, v ? "true" : "false");
}

void events_text_word(struct events_text *t, const char *name, const char *word)
{
	events_text_name(t, name);
	put(t, "\"");
	put(t, word);
	put(t, "\"");
}

void events_text_date(struct events_text *t, const char *name, int64_t wall_ns)
{
	char date[CLOCK_RFC3339_SIZE];

	if (clock_rfc3339(date, wall_ns)[0] != '\0')
		events_text_word(t, name, date);
}

void events_text_hex(struct events_text *t, const char *name, const uint8_t *p, size_t len)
{
	char hex[2 * HEX_MAX + 1];

	hex_put(hex, p, len <= HEX_MAX ? len : HEX_MAX);
	events_text_word(t, name, hex);
}

static int is_special(char c)
{
	return c == '"' || c == '\\';
}

/* A backslash in front of each of the two chars that escape_bytes() leaves to JSON, in the
 * len chars at p, behind which is room for as many more as it returns. */
static size_t add_backslashes(char *p, size_t len)
{
	size_t n = 0, from, to, left;

	for (from = 0; from < len; from++)
		n += (size_t)is_special(p[from]);
	for (to = len + n, left = n; left > 0;) {
		p[--to] = p[--from];
		if (is_special(p[to])) {
			p[--to] = '\\';
			left--;
		}
	}
	return n;
}

void events_text_bytes(struct events_text *t, const char *name, const void *p, size_t len)
{
	char *at;
	size_t n;

	if (len > EVENTS_BYTES_MAX) {
		len = EVENTS_BYTES_MAX;
		t->cut = 1;
	}
	events_text_name(t, name);
	put(t, "\"");
	/* a byte gives four chars at most, or five with a backslash more */
	if (t->full || 5 * len + 8 > t->room - t->len) {
		t->full = 1;
		return;
	}
	at = t->p + t->len;
	n = strlen(escape_bytes(at, 4 * len + 8, p, len));
	t->len += n + add_backslashes(at, n);
	put(t, "\"");
}

void events_text_string(struct events_text *t, const char *name, const char *s)
{
	if (s[0] != '\0')
		events_text_bytes(t, name, s, strlen(s));
}
