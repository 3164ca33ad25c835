/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "output/columns.h"
#include "err.h"
#include "procs/procs_cells.h"

const char procs_columns_help[] = "host, command, fl, user, tty, session, pid, exit, cpu, elapsed, "
    "start, reason, ppid, uid, memory, origin, certainty, args";

/* what goes first where a terminal is too narrow */
static const unsigned char drop[] = { REASON, FLAGS, CPU, ELAPSED, EXIT, USER, TTY, START,
	COLUMNS_END };

static int choose(struct procs_text *t, const char *list, const char **wrong)
{
	size_t len, i, k;

	for (; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		for (i = 0; i < COLUMNS; i++)
			if (strlen(procs_columns[i].head) == len &&
			    strncasecmp(procs_columns[i].head, list, len) == 0)
				break;
		for (k = 0; k < t->count && t->shown[k] != i; k++)
			;
		if (i == COLUMNS || k < t->count) {
			*wrong = list;
			return E_FORMAT;
		}
		t->shown[t->count++] = (unsigned char)i;
	}
	return 0;
}

static int is_usual(const struct procs_column *c, enum procs_text_of of)
{
	return of == TEXT_OF_FILE ? c->foreign : of == TEXT_OF_FLEET ? c->fleet : c->usual;
}

static void choose_usual(struct procs_text *t, enum procs_text_of of)
{
	size_t width[COLUMNS] = { 0 };
	unsigned i, kept;

	for (i = 0; i < COLUMNS; i++)
		if (is_usual(&procs_columns[i], of))
			width[i] = procs_columns[i].width;
	kept = columns_fit(width, REASON + 1, 1, drop);
	for (i = 0; i <= REASON; i++)
		if ((kept >> i & 1) && width[i] > 0)
			t->shown[t->count++] = (unsigned char)i;
}

/* Pads what put() wrote, n chars at p, where it is not the line's last. */
static size_t pad(char *p, size_t n, const struct procs_column *c, int last)
{
	size_t gap = n < c->width ? c->width - n : 0;

	if (gap == 0 || (last && !c->right))
		return n;
	if (c->right) {
		memmove(p + gap, p, n);
		memset(p, ' ', gap);
	} else {
		memset(p + n, ' ', gap);
	}
	return n + gap;
}

static void put_head(struct procs_text *t)
{
	const struct procs_column *c;
	char *p = t->line;
	unsigned i;

	for (i = 0; i < t->count; i++) {
		c = &procs_columns[t->shown[i]];
		if (i > 0)
			*p++ = ' ';
		p += pad(p, (size_t)(stpcpy(p, c->head) - p), c, i + 1 == t->count);
	}
	*p++ = '\n';
	fwrite(t->line, 1, (size_t)(p - t->line), stdout);
}

int procs_text_new(struct procs_text **out, const char *list, enum procs_text_of of,
    const char **wrong)
{
	struct procs_text *t = calloc(1, sizeof *t);
	int r = 0;

	if (t == NULL)
		return -ENOMEM;
	t->day = -1;
	if (list != NULL)
		r = choose(t, list, wrong);
	else
		choose_usual(t, of);
	if (r != 0) {
		free(t);
		return r;
	}
	put_head(t);
	*out = t;
	return 0;
}

void procs_text_free(struct procs_text *t)
{
	free(t);
}

void procs_text_indent(struct procs_text *t, size_t chars)
{
	t->indent = chars < PROCS_INDENT ? chars : PROCS_INDENT;
}

void procs_text_row(void *text, const struct procs_row *r)
{
	struct procs_text *t = text;
	const struct procs_column *c;
	char *p = t->line;
	unsigned i;

	for (i = 0; i < t->count; i++) {
		c = &procs_columns[t->shown[i]];
		if (i > 0)
			*p++ = ' ';
		if (t->shown[i] == ARGS) {
			memset(p, ' ', t->indent);
			p += t->indent;
		}
		p += pad(p, c->put(t, p, r), c, i + 1 == t->count);
	}
	*p++ = '\n';
	fwrite_unlocked(t->line, 1, (size_t)(p - t->line), stdout);
}
