/* SPDX-License-Identifier: ISC */
#include "screen/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "escape.h"
#include "screen/commands_internal.h"

#define ARGV_MAX 4096

static char *safe_text(const char *text, size_t len)
{
	size_t size = 4 * len + 8;
	char *out = malloc(size);

	return out != NULL ? escape_bytes(out, size, text, len) : NULL;
}

static int add(struct commands_gather *g, const struct typing_line *x, char *text)
{
	struct gathered *l;
	int r = text == NULL ? -ENOMEM :
	    array_room(&g->line, g->lines, &g->room, sizeof *g->line);

	if (r != 0) {
		free(text);
		return r;
	}
	l = &g->line[g->lines++];
	*l = (struct gathered){ .at = x->at };
	l->line = (struct command_line){ .at_ns = x->at_ns, .chunk = x->chunk, .text = text,
		.flags = x->keys ? COMMAND_KEYS : 0 };
	return 0;
}

static int entered(void *arg, const struct typing_line *x)
{
	return add(arg, x, strndup(x->text, x->len));
}

/* The newest such line that a program seemed to get. */
static int ran(void *arg, const char *text, size_t len)
{
	struct commands_gather *g = arg;
	size_t i;

	for (i = g->lines; i-- > 0;)
		if (g->line[i].at == TYPING_PROGRAM && strlen(g->line[i].line.text) == len &&
		    memcmp(g->line[i].line.text, text, len) == 0) {
			g->line[i].ran = 1;
			break;
		}
	return 0;
}

/* Only what is typed is wanted of the transcript. */
static int ignore(void *arg, const struct transcript_line *l)
{
	(void)arg;
	(void)l;
	return 0;
}

int commands_gather_new(struct commands_gather **out)
{
	struct commands_gather *g = calloc(1, sizeof *g);
	int r;

	if (g == NULL)
		return -ENOMEM;
	r = transcript_new(&g->transcript, 0, ignore, g);
	if (r != 0) {
		free(g);
		return r;
	}
	transcript_listen(g->transcript, entered, ran, g);
	*out = g;
	return 0;
}

void commands_gather_free(struct commands_gather *g)
{
	size_t i;

	if (g == NULL)
		return;
	for (i = 0; i < g->lines; i++)
		free(g->line[i].line.text);
	free(g->line);
	free(g->argv);
	transcript_free(g->transcript);
	free(g);
}

/* Arguments with a blank between them. */
static int keep_argv(struct commands_gather *g, const struct event *e)
{
	size_t len = e->len < ARGV_MAX ? e->len : ARGV_MAX, i;
	char *text = malloc(len + 1);

	if (text == NULL)
		return -ENOMEM;
	memcpy(text, e->data, len);
	while (len > 0 && text[len - 1] == '\0')
		len--;
	for (i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	free(g->argv);
	g->argv = safe_text(text, len);
	free(text);
	return g->argv != NULL ? 0 : -ENOMEM;
}

int commands_gather_event(void *gather, const struct shown_event *x)
{
	struct commands_gather *g = gather;
	struct command_line *last;
	int r;

	g->last_ns = x->at_ns;
	if (x->e.type == FRAME_META && x->e.kind == META_ARGV && g->argv == NULL) {
		r = keep_argv(g, &x->e);
		if (r != 0)
			return r;
	}
	r = transcript_event(g->transcript, x);
	if (r != 0 || g->lines == 0)
		return r;
	last = &g->line[g->lines - 1].line;
	if (x->e.type == FRAME_HIDDEN)
		last->flags |= COMMAND_HIDDEN;
	if (g->transcript->lines.alternate)
		last->flags |= COMMAND_SCREEN;
	return 0;
}
