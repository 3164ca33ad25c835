/* SPDX-License-Identifier: ISC */
#include "hidden_echo.h"

#include <string.h>

/* Takes the first n bytes of text away. */
static void drop(struct hidden_echo *e, size_t n)
{
	e->gone += n;
	e->len -= n;
	memmove(e->text, e->text + n, e->len);
	memmove(e->jump, e->jump + n, e->len + 1);
}

void hidden_echo_reset(struct hidden_echo *e)
{
	e->gone += e->len;
	e->len = 0;
	e->cut = 0;
	e->jump[0] = 0;
	memset(&e->scan, 0, sizeof(e->scan));
}

static size_t add_byte(uint8_t *out, size_t n, enum screen_kind kind, uint8_t byte)
{
	if (kind == SCREEN_TEXT || kind == SCREEN_MASK)
		out[n++] = byte;
	else if (kind == SCREEN_LF && (n == 0 || out[n - 1] != '\n'))
		out[n++] = '\n';
	return n;
}

size_t hidden_echo_visible(struct screen_text *s, uint8_t *out, size_t n, size_t size,
    const uint8_t *p, size_t len)
{
	for (; len > 0 && n < size; p++, len--)
		n = add_byte(out, n, screen_next(s, *p), *p);
	return n;
}

void hidden_echo_add(struct hidden_echo *e, const uint8_t *p, size_t len)
{
	const size_t half = HIDDEN_ECHO_MAX / 2;
	enum screen_kind kind;
	size_t was;

	if (e->len > half) {
		drop(e, e->len - half);
		e->cut = 1;
	}
	for (; len > 0; p++, len--) {
		was = e->len;
		kind = screen_next(&e->scan, *p);
		e->len = add_byte(e->text, e->len, kind, *p);
		if (e->len > was)
			e->jump[e->len] = 0;
		else if (kind == SCREEN_JUMP)
			e->jump[e->len] = 1;
	}
}

uint64_t hidden_echo_here(const struct hidden_echo *e)
{
	return e->gone + e->len;
}

/* Does a line or the part behind a cursor placement begin there? */
static int begins(const struct hidden_echo *e, size_t at)
{
	return e->jump[at] || (at > 0 && e->text[at - 1] == '\n');
}

static int is_echo(const struct hidden_echo *e, size_t hit, size_t len, uint64_t since)
{
	size_t from = since > e->gone ? (size_t)(since - e->gone) : 0, end = hit + len;

	if ((!e->cut || since >= e->gone) && memchr(e->text + from, '\n', hit - from) == NULL)
		return 1;
	if (end < e->len && e->text[end] == '\n')
		return 1;
	return e->jump[end] && begins(e, hit);
}

int hidden_echo_take(struct hidden_echo *e, const uint8_t *text, size_t len, uint64_t since)
{
	size_t at = since > e->gone ? (size_t)(since - e->gone) : 0;
	const uint8_t *hit;

	while ((hit = memmem(e->text + at, e->len - at, text, len)) != NULL) {
		at = (size_t)(hit - e->text);
		if (is_echo(e, at, len, since)) {
			drop(e, at + len);
			e->cut = 0;
			return 1;
		}
		at++;
	}
	return 0;
}
