/* SPDX-License-Identifier: ISC */
/* What the collector before has told: its newest segment says. */
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "events_internal.h"

#define ACTION "\"action\":\"%s\""
#define INPUT "\"dataset\":\"shellac.input\"" /* its words are a plugin's */
#define SESSION "\"session\":{\"n\":"

/* The number of the session that the line is about, 0 where it is none of this action. */
static uint64_t session_of(const char *line, size_t len, const char *action)
{
	char wanted[64];
	const char *p, *end;
	uint64_t n;

	snprintf(wanted, sizeof(wanted), ACTION, action);
	if (memmem(line, len, INPUT, sizeof(INPUT) - 1) != NULL ||
	    memmem(line, len, wanted, strlen(wanted)) == NULL ||
	    (p = memmem(line, len, SESSION, sizeof(SESSION) - 1)) == NULL)
		return 0;
	p += sizeof(SESSION) - 1;
	end = p + strspn(p, "0123456789"); /* a line ends with a line feed */
	return decimal_get(&n, p, (size_t)(end - p)) == 0 ? n : 0;
}

/* Calls got with each number of a session in events of this action. */
static void look(const struct events *e, const char *action,
    void (*got)(void *arg, uint64_t n), void *arg)
{
	struct event_reader *r;
	const char *line;
	uint64_t number, n;
	size_t len;

	if (e->journal.first == 0 || event_reader_open(&r, e->journal.dir, e->journal.first) != 0)
		return;
	while (event_reader_next(r, &number, &line, &len) > 0) {
		n = session_of(line, len, action);
		if (n != 0)
			got(arg, n);
	}
	event_reader_close(r);
}

static void take_highest(void *arg, uint64_t n)
{
	uint64_t *highest = arg;

	if (n > *highest)
		*highest = n;
}

uint64_t events_newest(const struct events *e, const char *action)
{
	uint64_t n = 0;

	look(e, action, take_highest, &n);
	return n;
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

	if (e != NULL)
		look(e, action, take_same, &s);
	return s.found;
}
