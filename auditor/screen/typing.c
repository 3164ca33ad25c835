/* SPDX-License-Identifier: ISC */
#include "screen/typing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

#define UNSEEN_LINES 64 /* how far the echo of keys that were not kept is looked for */

static const char bracket[] = "\033[?2004"; /* then h or l */

void typing_init(struct typing *t, struct lines *l)
{
	memset(t, 0, sizeof *t);
	t->lines = l;
	t->sure = 1;
}

static void drop_enters(struct typing *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(t->enter[i].keys);
	t->enters -= n;
	memmove(t->enter, t->enter + n, t->enters * sizeof t->enter[0]);
}

static void drop_ahead(struct typing *t, size_t i)
{
	free(t->ahead[i]);
	t->aheads--;
	memmove(t->ahead + i, t->ahead + i + 1, (t->aheads - i) * sizeof t->ahead[0]);
}

void typing_release(struct typing *t)
{
	drop_enters(t, t->enters);
	while (t->aheads > 0)
		drop_ahead(t, t->aheads - 1);
}

/* The program's name for what is said of its full screen: the first word, its folders
 * and what stands in front of it left out. */
static void name_of(struct typing *t, const char *text, size_t len)
{
	size_t from = 0, to, at;

	t->lines->full.name[0] = '\0';
	for (;;) {
		while (from < len && text[from] == ' ')
			from++;
		for (to = from; to < len && text[to] != ' '; to++)
			;
		if (to == from)
			return;
		if (memchr(text + from, '=', to - from) == NULL &&
		    (to - from != 4 || memcmp(text + from, "sudo", 4) != 0))
			break;
		from = to;
	}
	for (at = to; at > from && text[at - 1] != '/'; at--)
		;
	if (to - at < FULL_SCREEN_NAME) {
		memcpy(t->lines->full.name, text + at, to - at);
		t->lines->full.name[to - at] = '\0';
	}
}

static void remember_ahead(struct typing *t, const char *text, size_t len)
{
	if (t->aheads == TYPING_AHEAD)
		drop_ahead(t, 0);
	t->ahead[t->aheads] = strndup(text, len);
	if (t->ahead[t->aheads] != NULL)
		t->aheads++;
}

static int tell(struct typing *t, const struct typing_enter *e, const char *text, size_t len,
    int keys)
{
	const struct typing_line x = { e->at_ns, e->chunk, text, len, keys, e->at };

	name_of(t, text, len);
	if (e->at == TYPING_PROGRAM)
		remember_ahead(t, text, len);
	return t->entered != NULL ? t->entered(t->arg, &x) : 0;
}

static int is_printable(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0 || !escape_printable(cp))
			return 0;
	}
	return 1;
}

/* Keys may be any bytes, unlike what stood on the screen. */
static int tell_keys(struct typing *t, const struct typing_enter *e)
{
	size_t size = 4 * e->keys_len + 8;
	char *safe;
	int r;

	if (is_printable(e->keys, e->keys_len))
		return tell(t, e, e->keys, e->keys_len, 1);
	safe = malloc(size);
	if (safe == NULL)
		return -ENOMEM;
	escape_bytes(safe, size, e->keys, e->keys_len);
	r = tell(t, e, safe, strlen(safe), 1);
	free(safe);
	return r;
}

static size_t trimmed(const char *text, size_t from, size_t len)
{
	while (len > from && text[len - 1] == ' ')
		len--;
	return len;
}

static int has_prompt(const struct typing *t, const struct lines_typed *x)
{
	return t->prompt_len > 0 && x->len > t->prompt_len &&
	    memcmp(x->text, t->prompt, t->prompt_len) == 0;
}

/* Where the typed text begins.  A key may come before the prompt is written. */
static size_t find_begin(struct typing *t, const struct typing_enter *e,
    const struct lines_typed *x)
{
	if (has_prompt(t, x) && (x->begun == TRANSCRIPT_NOT_TYPED || x->begun < t->prompt_len))
		return t->prompt_len;
	if (x->begun != TRANSCRIPT_NOT_TYPED && x->begun > 0 && x->begun < TYPING_PROMPT &&
	    e->at != TYPING_PROGRAM) {
		memcpy(t->prompt, x->text, x->begun);
		t->prompt_len = x->begun;
	}
	return x->begun;
}

/* Enter's line is whole: the terminal is about to leave it. */
static int line_is_whole(struct typing *t)
{
	struct typing_enter e = t->enter[0];
	struct lines_typed x = { .begun = TRANSCRIPT_NOT_TYPED };
	size_t begun, end;
	int r;

	if (!e.typed) {
		drop_enters(t, 1);
		return 0;
	}
	r = lines_typed(t->lines, &x);
	if (r != 0)
		return r;
	begun = find_begin(t, &e, &x);
	if (begun == TRANSCRIPT_NOT_TYPED && t->prompt_len > 0 && e.at != TYPING_PROGRAM &&
	    t->enter[0].waited++ < UNSEEN_LINES) {
		free(x.text); /* something else is still written */
		return 0;
	}
	end = begun != TRANSCRIPT_NOT_TYPED ? trimmed(x.text, begun, x.len) : 0;
	if (begun != TRANSCRIPT_NOT_TYPED && end > begun) {
		lines_enter(t->lines, begun);
		r = tell(t, &e, x.text + begun, end - begun, 0);
	} else if (begun == TRANSCRIPT_NOT_TYPED && e.keys != NULL && e.keys_len > 0) {
		r = tell_keys(t, &e);
	}
	free(x.text);
	drop_enters(t, 1);
	return r;
}

/* A line without an Enter of its own: what was typed before the shell asked for it. */
static int maybe_ahead(struct typing *t)
{
	struct lines_typed x = { .begun = TRANSCRIPT_NOT_TYPED };
	const struct typing_enter e = { .at_ns = t->lines->at_ns, .chunk = t->lines->chunk,
		.typed = 1, .at = TYPING_PROMPTED };
	size_t i, end;
	int r = lines_typed(t->lines, &x), unseen = t->unseen > 0;

	if (r != 0)
		return r;
	t->unseen -= unseen;
	end = trimmed(x.text, 0, x.len);
	if (!has_prompt(t, &x) || end <= t->prompt_len)
		goto out;
	for (i = 0; i < t->aheads; i++)
		if (strlen(t->ahead[i]) == end - t->prompt_len &&
		    memcmp(t->ahead[i], x.text + t->prompt_len, end - t->prompt_len) == 0)
			break;
	if (i < t->aheads) {
		drop_ahead(t, i);
		lines_enter(t->lines, t->prompt_len);
		r = t->ran != NULL ? t->ran(t->arg, x.text + t->prompt_len, end - t->prompt_len) : 0;
	} else if (unseen) {
		t->taken_ns = t->lines->at_ns;
		lines_enter(t->lines, t->prompt_len);
		r = tell(t, &e, x.text + t->prompt_len, end - t->prompt_len, 0);
	}
out:
	free(x.text);
	return r;
}

static int watching(const struct typing *t)
{
	return !t->lines->alternate && (t->enters > 0 || t->unseen > 0 ||
	    (t->aheads > 0 && t->bracketed));
}

static void watch_brackets(struct typing *t, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while (p < end) {
		if (t->matched == 0) {
			p = memchr(p, bracket[0], (size_t)(end - p));
			if (p == NULL)
				return;
		}
		if (t->matched < sizeof bracket - 1 && *p == (uint8_t)bracket[t->matched]) {
			t->matched++;
			p++;
			continue;
		}
		if (t->matched == sizeof bracket - 1 && (*p == 'h' || *p == 'l')) {
			t->bracketed = *p == 'h';
			t->brackets = 1;
		}
		p += t->matched == 0 || *p != (uint8_t)bracket[0];
		t->matched = 0;
	}
}

static void remember_place(struct typing *t)
{
	if (!t->lines->alternate)
		t->place[t->places++ % TYPING_PLACES] =
		    (struct typing_place){ t->lines->at_ns, lines_cursor(t->lines) };
}

struct lines_place typing_place_at(const struct typing *t, uint64_t at_ns)
{
	size_t back = t->places < TYPING_PLACES ? t->places : TYPING_PLACES, i;
	struct lines_place p = lines_cursor(t->lines);

	for (i = 1; i <= back; i++) {
		const struct typing_place *x = &t->place[(t->places - i) % TYPING_PLACES];

		if (x->at_ns <= at_ns)
			break;
		p = x->place;
	}
	return p;
}

int typing_output(struct typing *t, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len, *lf, *cut;
	int r;

	remember_place(t);
	while (p < end && watching(t) && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		for (cut = lf; cut > p && cut[-1] == '\r'; cut--)
			;
		watch_brackets(t, p, (size_t)(cut - p));
		if ((r = lines_put(t->lines, p, (size_t)(cut - p))) != 0)
			return r;
		if (watching(t)) {
			r = t->enters > 0 ? line_is_whole(t) : maybe_ahead(t);
			if (r != 0)
				return r;
		}
		if ((r = lines_put(t->lines, cut, (size_t)(lf + 1 - cut))) != 0)
			return r;
		p = lf + 1;
	}
	watch_brackets(t, p, (size_t)(end - p));
	return lines_put(t->lines, p, (size_t)(end - p));
}

int typing_give_up(struct typing *t, size_t n)
{
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++)
		if (t->enter[i].typed && t->enter[i].keys_len > 0)
			r = tell_keys(t, &t->enter[i]);
	drop_enters(t, n);
	return r;
}

int typing_end(struct typing *t)
{
	return typing_give_up(t, t->enters);
}

void typing_unseen(struct typing *t)
{
	t->unseen = UNSEEN_LINES;
}
