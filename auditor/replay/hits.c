/* SPDX-License-Identifier: ISC */
#include "replay/hits.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

/* Lines come when they are final, so nearly in the order of their times. */
static int add(struct hits *h, uint64_t at_ns)
{
	size_t i;
	int r;

	if (h->hits == HITS_MAX)
		return 0;
	r = array_room(&h->hit, h->hits, &h->room, sizeof *h->hit);
	if (r != 0)
		return r;
	for (i = h->hits; i > 0 && h->hit[i - 1].at_ns > at_ns; i--)
		h->hit[i] = h->hit[i - 1];
	h->hit[i] = (struct hit){ .at_ns = at_ns,
		.nth = i > 0 && h->hit[i - 1].at_ns == at_ns ? h->hit[i - 1].nth + 1 : 0 };
	h->hits++;
	return 0;
}

static int take_line(void *arg, const struct transcript_line *l)
{
	struct hits *h = arg;
	size_t at, len;

	if (l->kind == TRANSCRIPT_NOTE ||
	    pattern_find(h->pattern, l->text, l->len, 0, &at, &len) <= 0)
		return 0;
	return add(h, l->at_ns);
}

int hits_open(struct hits *h, int fd, struct seen *seen, struct pattern *pattern)
{
	int r;

	memset(h, 0, sizeof *h);
	h->pattern = pattern;
	r = transcript_new(&h->transcript, 1, take_line, h);
	return r != 0 ? r : study_open(&h->study, fd, seen, transcript_event, h->transcript);
}

void hits_release(struct hits *h)
{
	study_release(&h->study);
	transcript_free(h->transcript);
	pattern_free(h->pattern);
	free(h->hit);
	memset(h, 0, sizeof *h);
}

int hits_work(struct hits *h, uint64_t ns)
{
	int r = h->done ? 0 : study_work(&h->study, ns);

	if (r != 0 || h->done)
		return r;
	h->done = 1;
	return transcript_end(h->transcript);
}

/* Is a before b? */
static int before(const struct hit *a, const struct hit *b)
{
	return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->nth < b->nth);
}

const struct hit *hits_next(const struct hits *h, const struct hit *than)
{
	size_t i;

	for (i = 0; i < h->hits; i++)
		if (before(than, &h->hit[i]))
			return &h->hit[i];
	return NULL;
}

const struct hit *hits_before(const struct hits *h, const struct hit *than)
{
	size_t i;

	for (i = h->hits; i > 0; i--)
		if (before(&h->hit[i - 1], than))
			return &h->hit[i - 1];
	return NULL;
}
