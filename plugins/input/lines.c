/* SPDX-License-Identifier: ISC */
#include "lines.h"

#include <string.h>

static void add(struct lines *l, const char *p, size_t len)
{
	size_t room = sizeof(l->text) - l->len;
	size_t some = len < room ? len : room;

	memcpy(l->text + l->len, p, some);
	l->len += some;
	l->left_out += len - some;
}

static void give(struct lines *l, lines_got *got, void *ctx, size_t end)
{
	size_t len = l->len;

	if (l->left_out == 0 && len > 0 && l->text[len - 1] == '\r')
		len--;
	if (len > 0)
		got(ctx, l->text, len, l->left_out, end);
	l->len = l->left_out = 0;
}

void lines_take(struct lines *l, const char *p, size_t len, lines_got *got, void *ctx)
{
	size_t at = 0;

	while (at < len) {
		size_t n = 0;

		while (at + n < len && p[at + n] != '\n' && p[at + n] != '\0')
			n++;
		add(l, p + at, n);
		at += n;
		if (at == len)
			return;
		at++;
		give(l, got, ctx, at);
	}
}

void lines_end(struct lines *l, lines_got *got, void *ctx)
{
	give(l, got, ctx, 0);
}
