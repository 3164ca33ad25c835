/* SPDX-License-Identifier: ISC */
/* What the collector before has told: the newest segments say. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decimal.h"
#include "events_internal.h"

#define ACTION "\"action\":\"%s\""
#define INPUT "\"dataset\":\"shellac.input\"" /* its words are a plugin's */
#define SESSION "\"session\":{\"n\":"
#define RECORD "\"process\":{\"record\":"

/* Numbers in events of an action, each behind these letters. */
struct wanted {
	const char *action, *before;
	void (*got)(void *arg, uint64_t n);
	void *arg;
};

/* The number in this line, 0 where it has none that is wanted. */
static uint64_t number_in(const char *line, size_t len, const struct wanted *w)
{
	size_t before = strlen(w->before);
	char action[64];
	const char *p, *end;
	uint64_t n;

	snprintf(action, sizeof(action), ACTION, w->action);
	if (memmem(line, len, INPUT, sizeof(INPUT) - 1) != NULL ||
	    memmem(line, len, action, strlen(action)) == NULL ||
	    (p = memmem(line, len, w->before, before)) == NULL)
		return 0;
	p += before;
	end = p + strspn(p, "0123456789"); /* a line ends with a line feed */
	return decimal_get(&n, p, (size_t)(end - p)) == 0 ? n : 0;
}

/* Looks through the segment with this first number, and those behind it. */
static void look(const struct events *e, uint64_t first, const struct wanted *w)
{
	struct event_reader *r;
	const char *line;
	uint64_t number, n;
	size_t len;

	if (first == 0 || event_reader_open(&r, e->journal.dir, first) != 0)
		return;
	while (event_reader_next(r, &number, &line, &len) > 0) {
		n = number_in(line, len, w);
		if (n != 0)
			w->got(w->arg, n);
	}
	event_reader_close(r);
}

static void take_last(void *arg, uint64_t n)
{
	uint64_t *last = arg;

	*last = n;
}

/* A segment may have been begun, and nothing written to it. */
uint64_t events_newest_record(const struct events *e)
{
	uint64_t n = 0;
	const struct wanted w = {"process-end", RECORD, take_last, &n};

	look(e, e->journal.first, &w);
	if (n == 0)
		look(e, event_journal_before(e->journal.dir, e->journal.first), &w);
	return n;
}

static uint64_t size_of(const struct events *e, uint64_t first)
{
	int fd = event_segment_open(e->journal.dir, first, O_RDONLY);
	struct stat st = {0};

	if (fd < 0)
		return 0;
	(void)fstat(fd, &st);
	close(fd);
	return (uint64_t)st.st_size;
}

/* The segment to begin with: behind a hole one is short, and what was told is in front. */
static uint64_t recent(const struct events *e)
{
	uint64_t first = e->journal.first, size = 0, before;

	while (size < EVENT_JOURNAL_SEGMENT &&
	    (before = event_journal_before(e->journal.dir, first)) != 0) {
		first = before;
		size += size_of(e, first);
	}
	return first;
}

struct search {
	uint64_t n;
	int found;
};

static void take_same(void *arg, uint64_t n)
{
	struct search *s = arg;

	s->found |= n == s->n;
}

int events_told(const struct events *e, const char *action, uint64_t n)
{
	struct search s = {.n = n};
	const struct wanted w = {action, SESSION, take_same, &s};

	if (e != NULL)
		look(e, recent(e), &w);
	return s.found;
}
