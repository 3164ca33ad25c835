/* SPDX-License-Identifier: ISC */
/* What would be changed, as a diff has it. */
#include <stdio.h>
#include <string.h>

#include "host.h"

#define LINE_MAX_SHOWN 1000

/* Bytes of the line at p, its line feed included; 0 at the end. */
static size_t line_len(const uint8_t *p, size_t len)
{
	const uint8_t *end = len > 0 ? memchr(p, '\n', len) : NULL;

	return end != NULL ? (size_t)(end - p) + 1 : len;
}

/* Bytes of the lines that both begin with. */
static size_t common_head(const struct tree_file *a, const struct tree_file *b)
{
	size_t at = 0, n;

	for (;;) {
		n = line_len(a->data + at, a->len - at);
		if (n == 0 || n != line_len(b->data + at, b->len - at) ||
		    memcmp(a->data + at, b->data + at, n) != 0)
			return at;
		at += n;
	}
}

/* Bytes at the end of p, behind head, up to where a line begins: so many before off. */
static size_t last_line(const uint8_t *p, size_t head, size_t off)
{
	size_t n = 0;

	while (off - n > head && (n == 0 || p[off - n - 1] != '\n'))
		n++;
	return n;
}

static size_t common_tail(const struct tree_file *a, const struct tree_file *b, size_t head)
{
	size_t at = 0, n;

	for (;;) {
		n = last_line(a->data, head, a->len - at);
		if (n == 0 || n != last_line(b->data, head, b->len - at) ||
		    memcmp(a->data + a->len - at - n, b->data + b->len - at - n, n) != 0)
			return at;
		at += n;
	}
}

static void lines(const struct host *h, enum setup_word word, const char *name,
    const uint8_t *p, size_t len)
{
	size_t n;

	for (; len > 0; p += n, len -= n) {
		size_t shown = n = line_len(p, len);

		if (p[n - 1] == '\n')
			shown--;
		host_say(h, word, name, "%.*s", (int)(shown < LINE_MAX_SHOWN ? shown :
		    LINE_MAX_SHOWN), (const char *)p);
	}
}

static void side(const struct host *h, enum setup_word word, const char *name,
    enum item_kind kind, const struct tree_file *f)
{
	if (f->type == TREE_LINK)
		host_say(h, word, name, "%s%s", kind == ITEM_SHELL ? "" : "-> ",
		    (const char *)f->data);
	else if (f->type == TREE_FILE)
		lines(h, word, name, f->data, f->len);
}

void host_show(const struct host *h, const char *name, enum item_kind kind,
    const struct tree_file *from, const struct tree_file *to)
{
	size_t head, tail;

	host_say(h, SETUP_CHANGE, name, "%s", kind == ITEM_SHELL ? "another login shell" :
	    from->type == TREE_NONE ? "new" : to->type == TREE_NONE ? "goes" :
	    from->type == TREE_FILE && to->type == TREE_FILE && from->len == to->len &&
	    memcmp(from->data, to->data, from->len) == 0 ? "other mode or owner" : "changed");
	if (from->type != TREE_FILE || to->type != TREE_FILE) {
		side(h, SETUP_MINUS, name, kind, from);
		side(h, SETUP_PLUS, name, kind, to);
		return;
	}
	head = common_head(from, to);
	tail = common_tail(from, to, head);
	lines(h, SETUP_MINUS, name, from->data + head, from->len - head - tail);
	lines(h, SETUP_PLUS, name, to->data + head, to->len - head - tail);
}
