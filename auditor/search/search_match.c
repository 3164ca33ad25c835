/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "search/search.h"

struct remembered {
	struct search_line line;
	char *text;
	size_t room;
};

struct search_match {
	const struct search_want *want;
	const struct search_patterns *patterns;
	int (*show)(void *arg, const struct search_line *l, int hit, int apart);
	void *arg;
	uint64_t hits, bounded;
	struct remembered *ring; /* the last want->before lines */
	unsigned ring_len, ring_next;
	unsigned after;          /* so many lines more are shown */
	int apart;               /* lines were left out since the last that was shown */
	int keys;                /* lines typed unseen come now: nothing stands around them */
};

int search_patterns_new(struct search_patterns *p, const struct search_want *w,
    char why[PATTERN_WHY])
{
	int r = 0;

	memset(p, 0, sizeof *p);
	p->literal = !(w->flags & PATTERN_REGEX);
	for (unsigned i = 0; i < w->texts && r == 0; i++)
		if ((r = pattern_new(&p->pattern[i], w->text[i], w->flags, why)) == 0)
			p->count++;
	return r;
}

void search_patterns_release(struct search_patterns *p)
{
	for (unsigned i = 0; i < p->count; i++)
		pattern_free(p->pattern[i]);
	p->count = 0;
}

int search_patterns_find(const struct search_patterns *p, const char *text, size_t len,
    size_t from, size_t *at, size_t *hit_len)
{
	size_t here, here_len;
	int found = 0, bounded = 0, r;

	for (unsigned i = 0; i < p->count; i++) {
		r = pattern_find(p->pattern[i], text, len, from, &here, &here_len);
		if (r < 0)
			bounded = r;
		if (r != 1 || (found && here >= *at))
			continue;
		*at = here;
		*hit_len = here_len;
		found = 1;
	}
	return found ? 1 : bounded;
}

struct search_match *search_match_new(const struct search_want *w,
    const struct search_patterns *p,
    int (*show)(void *arg, const struct search_line *l, int hit, int apart), void *arg)
{
	struct search_match *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->want = w;
	m->patterns = p;
	m->show = show;
	m->arg = arg;
	if (w->before > 0 && (m->ring = calloc(w->before, sizeof *m->ring)) == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void search_match_free(struct search_match *m)
{
	if (m == NULL)
		return;
	for (unsigned i = 0; m->ring != NULL && i < m->want->before; i++)
		free(m->ring[i].text);
	free(m->ring);
	free(m);
}

static int fits(struct search_match *m, const char *text, size_t len)
{
	size_t at, hit_len;
	int r = search_patterns_find(m->patterns, text, len, 0, &at, &hit_len);

	m->bounded += r < 0;
	return r == 1;
}

/* What of a line is searched depends on where it comes from and on what is asked for: all
 * of it, or what was typed, as if that were a line of its own. */
static int is_hit(struct search_match *m, const struct search_line *l)
{
	const unsigned in = m->want->in;
	unsigned typed_in = SEARCH_IN_TYPED | (l->source == SEARCH_LINE ? SEARCH_IN_COMMANDS : 0);

	if (l->source == SEARCH_KEYS)
		return in & SEARCH_IN_TYPED ? fits(m, l->text, l->len) : 0;
	if (l->source == SEARCH_PROCESS)
		return in & SEARCH_IN_COMMANDS ? fits(m, l->text, l->len) : 0;
	if (in & SEARCH_IN_SCREEN && fits(m, l->text, l->len))
		return 1;
	return in & typed_in && l->typed != SEARCH_NOT_TYPED &&
	    fits(m, l->text + l->typed, l->len - l->typed);
}

static int remember(struct search_match *m, const struct search_line *l)
{
	struct remembered *k = &m->ring[m->ring_next];
	char *text;

	if (l->len > k->room || k->text == NULL) {
		if ((text = realloc(k->text, l->len + 1)) == NULL)
			return -ENOMEM;
		k->text = text;
		k->room = l->len;
	}
	memcpy(k->text, l->text, l->len);
	k->line = *l;
	k->line.text = k->text;
	m->ring_next = (m->ring_next + 1) % m->want->before;
	if (m->ring_len == m->want->before)
		m->apart = 1; /* the oldest is gone */
	else
		m->ring_len++;
	return 0;
}

static int show(struct search_match *m, const struct search_line *l, int hit)
{
	int apart = m->apart;

	m->apart = 0;
	return m->show(m->arg, l, hit, apart);
}

static int show_before(struct search_match *m)
{
	unsigned before = m->want->before, i;
	int r = 0;

	for (; m->ring_len > 0 && r == 0; m->ring_len--) {
		i = (m->ring_next + before - m->ring_len) % before;
		r = show(m, &m->ring[i].line, 0);
	}
	return r;
}

int search_match_line(void *match, const struct search_line *l)
{
	struct search_match *m = match;
	int r;

	if (l->source >= SEARCH_KEYS && !m->keys) {
		m->keys = 1;
		m->ring_len = m->after = 0;
	}
	if (is_hit(m, l)) {
		m->hits++;
		if ((r = show_before(m)) != 0)
			return r;
		m->after = m->keys ? 0 : m->want->after;
		return show(m, l, 1);
	}
	if (m->after > 0) {
		m->after--;
		return show(m, l, 0);
	}
	if (m->want->before > 0 && !m->keys)
		return remember(m, l);
	m->apart = 1;
	return 0;
}

uint64_t search_match_hits(const struct search_match *m)
{
	return m->hits;
}

uint64_t search_match_bounded(const struct search_match *m)
{
	return m->bounded;
}
