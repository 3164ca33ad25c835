/* SPDX-License-Identifier: ISC */
#include "cursor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "bytes.h"
#include "err.h"

#define SESSIONS_MAX 1000000 /* a limit to what a damaged file can ask for */

void cursor_init(struct cursor *c, const uint8_t host[ID_SIZE], const char *store)
{
	*c = (struct cursor){.segment = 1, .below = 1};
	memcpy(c->host, host, ID_SIZE);
	snprintf(c->store, sizeof(c->store), "%s", store);
}

void cursor_free(struct cursor *c)
{
	free(c->at);
	c->at = NULL;
	c->used = c->room = 0;
}

/* The place of n, or where it would be. */
static size_t find(const struct cursor *c, uint64_t n)
{
	if (c->used > 0 && c->at[c->used - 1].n < n)
		return c->used;
	return ARRAY_FIRST(c->at, c->used, n, n);
}

/* What is done at the front needs no row. */
static void shorten(struct cursor *c)
{
	size_t i = 0;

	while (i < c->used && c->at[i].done && c->at[i].n == c->below) {
		c->below++;
		i++;
	}
	if (i == 0)
		return;
	c->used -= i;
	memmove(c->at, c->at + i, c->used * sizeof(*c->at));
}

static int apply_session(struct cursor *c, const struct cursor_mark *m)
{
	size_t i;

	if (m->n < c->below)
		return 0;
	i = find(c, m->n);
	if (i == c->used || c->at[i].n != m->n) {
		if (array_room(&c->at, c->used, &c->room, sizeof(*c->at)) != 0)
			return -ENOMEM;
		memmove(c->at + i + 1, c->at + i, (c->used - i) * sizeof(*c->at));
		c->used++;
	}
	c->at[i] = *m;
	if (i == 0 && m->done)
		shorten(c);
	return 0;
}

int cursor_apply(struct cursor *c, const struct cursor_mark *m)
{
	switch (m->what) {
	case CURSOR_LEDGER:
		c->ledger = m->off;
		return 0;
	case CURSOR_PROCESS:
		c->segment = m->n;
		c->slot = m->off;
		return 0;
	case CURSOR_SESSION:
		break;
	}
	return apply_session(c, m);
}

int cursor_session(const struct cursor *c, uint64_t n, struct cursor_mark *m)
{
	size_t i = find(c, n);

	if (n < c->below) {
		*m = (struct cursor_mark){.done = 1, .n = n};
		return 1;
	}
	if (i == c->used || c->at[i].n != n)
		return 0;
	*m = c->at[i];
	return 1;
}

static int is_in(const uint64_t *n, size_t count, uint64_t wanted)
{
	size_t i = array_first(n, count, sizeof(*n), 0, wanted);

	return i < count && n[i] == wanted;
}

/* What was below its line gets rows of its own, from the first that is not there on. */
int cursor_lacks(struct cursor *c, const uint64_t *n, size_t count)
{
	struct cursor new = *c;
	size_t i;
	int r = 0;

	if (count == 0)
		return 0;
	if (n[0] < c->below && c->below - n[0] >= SESSIONS_MAX - c->used)
		return E_RANGE;
	new.at = NULL;
	new.used = new.room = 0;
	new.below = n[0] < c->below ? n[0] : c->below;
	for (i = new.below; r == 0 && i < c->below; i++) {
		const struct cursor_mark m = {.what = CURSOR_SESSION, .done = 1, .n = i};

		if (!is_in(n, count, i))
			r = apply_session(&new, &m);
	}
	for (i = 0; r == 0 && i < c->used; i++)
		if (!is_in(n, count, c->at[i].n))
			r = apply_session(&new, &c->at[i]);
	if (r != 0) {
		cursor_free(&new);
		return r;
	}
	cursor_free(c);
	*c = new;
	return 0;
}

int cursor_shorten(struct cursor *c, uint64_t ledger, uint64_t segment, uint64_t length)
{
	int less = ledger < c->ledger;

	if (less)
		c->ledger = ledger;
	if (segment == 0) {
		segment = 1;
		length = 0;
	}
	if (segment > c->segment || (segment == c->segment && length >= c->slot))
		return less;
	c->segment = segment;
	c->slot = length;
	return 1;
}

/* "word number..." with exactly these numbers; the line's end is the text's. */
static int take(const char *line, const char *word, char between, unsigned count,
    uint64_t *v)
{
	size_t len = strlen(word);
	unsigned i;

	if (strncmp(line, word, len) != 0 || line[len] != ' ')
		return 0;
	for (i = 0, line += len; i < count; i++) {
		char *end;

		if (*line != (i == 0 ? ' ' : between) || line[1] < '0' || line[1] > '9')
			return 0;
		errno = 0;
		v[i] = strtoull(line + 1, &end, 10);
		if (errno != 0 || v[i] > INT64_MAX)
			return 0;
		line = end;
	}
	return *line == '\0';
}

static int add_range(struct cursor *c, uint64_t from, uint64_t to)
{
	struct cursor_mark m = {.what = CURSOR_SESSION, .done = 1};
	int r = 0;

	if (to < from || from < c->below || to - from >= SESSIONS_MAX - c->used)
		return E_RANGE;
	for (m.n = from; r == 0 && m.n <= to; m.n++)
		r = apply_session(c, &m);
	return r;
}

static int read_line(struct cursor *c, const char *line)
{
	struct cursor_mark m = {.what = CURSOR_SESSION};
	uint64_t v[3];

	if (take(line, "done", '-', 2, v))
		return add_range(c, v[0], v[1]);
	if (c->used >= SESSIONS_MAX || !take(line, "at", ' ', 3, v) || v[0] < c->below)
		return E_FORMAT;
	m.n = v[0];
	m.seq = v[1];
	m.off = v[2];
	return apply_session(c, &m);
}

static int read_head(struct cursor *c, char *line[6])
{
	uint64_t v[3];

	if (strcmp(line[0], "shellac-forward 1") != 0 || strncmp(line[1], "host ", 5) != 0 ||
	    hex_get(c->host, ID_SIZE, line[1] + 5) != 0 || strncmp(line[2], "store ", 6) != 0 ||
	    strlen(line[2] + 6) >= sizeof(c->store))
		return E_FORMAT;
	snprintf(c->store, sizeof(c->store), "%s", line[2] + 6);
	if (!take(line[3], "ledger", ' ', 1, &c->ledger) || !take(line[4], "process", ' ', 2, v) ||
	    !take(line[5], "below", ' ', 1, &c->below) || v[0] == 0 || c->below == 0)
		return E_FORMAT;
	c->segment = v[0];
	c->slot = v[1];
	return 0;
}

/* text is the caller's copy, zero-ended, and is cut into lines. */
static int read_text(struct cursor *c, char *text)
{
	char *line, *head[6];
	unsigned lines = 0;
	int r = 0;

	while (r == 0 && (line = strsep(&text, "\n")) != NULL) {
		if (lines < 6)
			head[lines] = line;
		else if (strcmp(line, "end") == 0)
			return text != NULL && *text == '\0' ? 0 : E_FORMAT;
		else
			r = read_line(c, line);
		if (++lines == 6)
			r = read_head(c, head);
	}
	return r != 0 ? r : E_FORMAT;
}

int cursor_parse(struct cursor *c, const char *text, size_t len)
{
	struct cursor new = {.below = 1};
	char *copy;
	int r;

	if (len > CURSOR_TEXT_MAX)
		return E_RANGE;
	if (memchr(text, '\0', len) != NULL)
		return E_FORMAT;
	copy = strndup(text, len);
	if (copy == NULL)
		return -ENOMEM;
	r = read_text(&new, copy);
	free(copy);
	if (r != 0)
		cursor_free(&new);
	else
		*c = new;
	return r;
}

static void print_sessions(FILE *f, const struct cursor *c)
{
	size_t i, j;

	for (i = 0; i < c->used; i = j) {
		const struct cursor_mark *m = &c->at[i];

		j = i + 1;
		if (!m->done) {
			fprintf(f, "at %llu %llu %llu\n", (unsigned long long)m->n,
			    (unsigned long long)m->seq, (unsigned long long)m->off);
			continue;
		}
		while (j < c->used && c->at[j].done && c->at[j].n == c->at[j - 1].n + 1)
			j++;
		fprintf(f, "done %llu-%llu\n", (unsigned long long)m->n,
		    (unsigned long long)c->at[j - 1].n);
	}
}

int cursor_format(const struct cursor *c, char **out, size_t *len)
{
	char host[2 * ID_SIZE + 1], *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL)
		return -ENOMEM;
	hex_put(host, c->host, ID_SIZE);
	fprintf(f, "shellac-forward 1\nhost %s\nstore %s\nledger %llu\nprocess %llu %llu\n"
	    "below %llu\n", host, c->store, (unsigned long long)c->ledger,
	    (unsigned long long)c->segment, (unsigned long long)c->slot,
	    (unsigned long long)c->below);
	print_sessions(f, c);
	fputs("end\n", f);
	if (fclose(f) != 0) {
		free(text);
		return -ENOMEM;
	}
	*out = text;
	return 0;
}
