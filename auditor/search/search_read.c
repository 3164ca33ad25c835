/* SPDX-License-Identifier: ISC */
#include "search/search_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "escape.h"
#include "screen/transcript.h"
#include "search/keystrokes.h"
#include "verify/shown.h"
#include "utf8.h"

#define UNSEEN_MAX ((size_t)16 << 20) /* bytes of typed lines that wait for the session's end */

struct unseen {
	uint64_t at_ns;
	int64_t chunk;
	char *text;
};

/* Lines that were typed and that the screen showed: a digest, and how often. */
struct seen {
	uint64_t key;
	size_t times; /* and one more, so that its place stays taken; 0: free */
};

struct reading {
	search_line_fn *line;
	void *arg;
	struct transcript *transcript;
	struct keystrokes keys;
	uint64_t at_ns;
	int64_t chunk;
	struct unseen *unseen;
	size_t unseens, unseen_room, unseen_bytes;
	struct seen *seen; /* open addressing, a power of two */
	size_t seens, seen_room;
};

static uint64_t digest(const char *text, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	while (len > 0 && *text == ' ') {
		text++;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
	return h;
}

static struct seen *seen_at(const struct reading *r, uint64_t key)
{
	size_t i = (size_t)(key >> 7) & (r->seen_room - 1);

	while (r->seen[i].times != 0 && r->seen[i].key != key)
		i = (i + 1) & (r->seen_room - 1);
	return &r->seen[i];
}

static int seen_grow(struct reading *r)
{
	struct reading bigger = *r;

	bigger.seen_room = r->seen_room > 0 ? 2 * r->seen_room : 64;
	bigger.seen = calloc(bigger.seen_room, sizeof *bigger.seen);
	if (bigger.seen == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < r->seen_room; i++)
		if (r->seen[i].times != 0)
			*seen_at(&bigger, r->seen[i].key) = r->seen[i];
	free(r->seen);
	*r = bigger;
	return 0;
}

static int seen_add(struct reading *r, const char *text, size_t len)
{
	struct seen *s;

	if (2 * r->seens >= r->seen_room && seen_grow(r) != 0)
		return -ENOMEM;
	s = seen_at(r, digest(text, len));
	r->seens += s->times == 0;
	s->key = digest(text, len);
	s->times += s->times == 0 ? 2 : 1;
	return 0;
}

/* Was it on the screen?  Each time it stood there counts for one time it was typed. */
static int seen_take(struct reading *r, const char *text)
{
	struct seen *s;

	if (r->seen_room == 0)
		return 0;
	s = seen_at(r, digest(text, strlen(text)));
	if (s->times <= 1)
		return 0;
	s->times--;
	return 1;
}

static int take_line(void *arg, const struct transcript_line *t)
{
	struct reading *r = arg;
	struct search_line l = { .at_ns = t->at_ns, .chunk = t->chunk, .typed = SEARCH_NOT_TYPED,
		.text = t->text, .len = t->len };

	if (t->kind == TRANSCRIPT_NOTE)
		return 0;
	l.source = t->kind == TRANSCRIPT_LINE ? SEARCH_LINE : SEARCH_SCREEN;
	if (t->typed != TRANSCRIPT_NOT_TYPED && t->typed <= t->len) {
		int e = seen_add(r, t->text + t->typed, t->len - t->typed);

		if (e != 0)
			return e;
		l.typed = t->typed;
	}
	return r->line(r->arg, &l);
}

/* Characters that may not be shown become blanks, in place. */
static void make_plain(char *text)
{
	size_t len = strlen(text), at = 0;
	uint32_t cp;
	int n;

	while (at < len && (n = utf8_next((const uint8_t *)text + at, len - at, &cp)) > 0) {
		if (!escape_printable(cp))
			memset(text + at, ' ', (size_t)n);
		at += (size_t)n;
	}
}

static int typed_line(void *arg, const char *line, size_t len)
{
	struct reading *r = arg;
	char *text;

	if (r->unseen_bytes + len > UNSEEN_MAX)
		return E_RANGE;
	if (array_room(&r->unseen, r->unseens, &r->unseen_room, sizeof *r->unseen) != 0 ||
	    (text = utf8_from_bytes((const uint8_t *)line, len)) == NULL)
		return -ENOMEM;
	make_plain(text);
	r->unseen_bytes += len + sizeof *r->unseen;
	r->unseen[r->unseens++] = (struct unseen){ r->at_ns, r->chunk, text };
	return 0;
}

static int take_event(void *arg, const struct shown_event *x)
{
	struct reading *r = arg;
	int e = 0;

	r->at_ns = x->at_ns;
	r->chunk = x->sealed ? x->chunk : -1;
	if (x->e.type == FRAME_INPUT)
		e = keystrokes_put(&r->keys, x->e.data, x->e.len);
	return e != 0 ? e : transcript_event(r->transcript, x);
}

static int give_unseen(struct reading *r)
{
	int e = 0;

	for (size_t i = 0; i < r->unseens && e == 0; i++) {
		const struct unseen *u = &r->unseen[i];
		const struct search_line l = { SEARCH_KEYS, u->at_ns, u->chunk, SEARCH_NOT_TYPED,
			u->text, strlen(u->text) };

		if (!seen_take(r, u->text))
			e = r->line(r->arg, &l);
	}
	return e;
}

static void release(struct reading *r)
{
	for (size_t i = 0; i < r->unseens; i++)
		free(r->unseen[i].text);
	free(r->unseen);
	free(r->seen);
	transcript_free(r->transcript);
	free(r);
}

int search_read(int fd, const struct store_session *entry, const struct judge_how *how,
    search_line_fn *line, void *arg, struct verdict *v)
{
	struct reading *r = calloc(1, sizeof *r);
	int e;

	if (r == NULL)
		return -ENOMEM;
	r->line = line;
	r->arg = arg;
	keystrokes_init(&r->keys, typed_line, r);
	e = transcript_new(&r->transcript, 1, take_line, r);
	if (e == 0)
		e = shown_file(fd, entry, how, take_event, r, v);
	if (e == 0)
		e = transcript_end(r->transcript);
	if (e == 0)
		e = keystrokes_end(&r->keys);
	if (e == 0)
		e = give_unseen(r);
	release(r);
	return e;
}
