/* SPDX-License-Identifier: ISC */
#include "screen/line_join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void line_join_init(struct line_join *j, int (*line)(void *arg, const struct transcript_line *l),
    void *arg)
{
	*j = (struct line_join){ .line = line, .arg = arg };
}

void line_join_release(struct line_join *j)
{
	free(j->text);
	j->text = NULL;
}

static void give(struct line_join *j, const struct transcript_line *l)
{
	if (j->status == 0)
		j->status = j->line(j->arg, l);
}

static char *more(struct line_join *j, size_t len)
{
	size_t room = j->room > 0 ? j->room : 1024;
	char *text;

	while (room - j->now.len < len)
		room *= 2;
	if (room == j->room)
		return j->text + j->now.len;
	text = realloc(j->text, room);
	if (text == NULL) {
		j->status = j->status != 0 ? j->status : -ENOMEM;
		return NULL;
	}
	j->text = text;
	j->room = room;
	return text + j->now.len;
}

static void begin(struct line_join *j)
{
	j->open = 1;
	j->blanks = 0;
	j->now = (struct transcript_line){ .kind = TRANSCRIPT_LINE, .chunk = -1,
		.typed = TRANSCRIPT_NOT_TYPED };
}

static void add(struct line_join *j, const struct line_row *r)
{
	/* of a wide character that did not fit the row before, one cell was left */
	size_t blanks = j->blanks == 1 && r->wide ? 0 : j->blanks;
	char *to = more(j, blanks + r->len + 1);

	if (to == NULL)
		return;
	memset(to, ' ', blanks);
	memcpy(to + blanks, r->text, r->len);
	if (r->typed != TRANSCRIPT_NOT_TYPED && j->now.typed == TRANSCRIPT_NOT_TYPED)
		j->now.typed = j->now.len + blanks + r->typed;
	j->now.len += blanks + r->len;
	if (r->at_ns >= j->now.at_ns) {
		j->now.at_ns = r->at_ns;
		j->now.chunk = r->chunk;
	}
	j->blanks = r->blanks;
}

void line_join_end(struct line_join *j)
{
	struct transcript_line *l = &j->now;

	if (!j->open)
		return;
	j->open = 0;
	while (l->len > 0 && j->text[l->len - 1] == ' ')
		l->len--;
	if (l->typed != TRANSCRIPT_NOT_TYPED && l->typed > l->len)
		l->typed = l->len;
	if (j->text != NULL)
		j->text[l->len] = '\0';
	l->text = j->text != NULL ? j->text : "";
	give(j, l);
}

/* Most lines are one row, which need not be copied. */
static void give_whole(struct line_join *j, const struct line_row *r)
{
	struct transcript_line l = { .kind = TRANSCRIPT_LINE, .at_ns = r->at_ns, .chunk = r->chunk,
		.typed = r->typed, .text = r->text, .len = r->len };

	if (l.typed != TRANSCRIPT_NOT_TYPED && l.typed > l.len)
		l.typed = l.len;
	give(j, &l);
}

void line_join_row(struct line_join *j, const struct line_row *r)
{
	if (!j->open && !r->wrapped) {
		give_whole(j, r);
		return;
	}
	if (!j->open)
		begin(j);
	add(j, r);
	if (!r->wrapped || j->now.len > LINE_JOIN_MAX)
		line_join_end(j);
}

void line_join_other(struct line_join *j, const struct transcript_line *l)
{
	line_join_end(j);
	give(j, l);
}
