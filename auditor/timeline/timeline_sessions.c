/* SPDX-License-Identifier: ISC */
/* Sessions, and who was there without one. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

#include "array.h"
#include "clock.h"
#include "coverage/coverage.h"
#include "sessions/sessions.h"
#include "timeline/timeline.h"

#define TEXT_MAX 512

static void put_end(char out[TEXT_MAX], const struct session_row *s)
{
	size_t n = (size_t)snprintf(out, TEXT_MAX, "%s", verdict_word(s->status));

	if (s->exited && WIFSIGNALED(s->wait_status))
		n += (size_t)snprintf(out + n, TEXT_MAX - n, ", signal %d", WTERMSIG(s->wait_status));
	else if (s->exited)
		n += (size_t)snprintf(out + n, TEXT_MAX - n, ", exit %d", WEXITSTATUS(s->wait_status));
	if (s->findings > 0)
		snprintf(out + n, TEXT_MAX - n, ", %u findings", s->findings);
}

static void add_session(struct timeline *t, const struct session_row *s)
{
	struct timeline_row r = { .wall_ns = s->start_ns, .kind = "session-start",
		.source = "sessions", .session = s->entry->name.n, .user = s->user };
	char text[TEXT_MAX];

	if (s->start_ns == 0)
		return;
	if (array_room(&t->begin, t->begins, &t->begin_room, sizeof *t->begin) == 0)
		t->begin[t->begins++] = (struct timeline_begin){ r.session, s->start_ns };
	snprintf(r.see, sizeof r.see, "shellac replay %" PRIu64, r.session);
	snprintf(text, sizeof text, "%s%s%s%s%s", s->tty, s->from[0] != '\0' ? " from " : "", s->from,
	    s->program[0] != '\0' ? ": " : "", s->program);
	r.text = text;
	timeline_add(t, &r);
	if (s->end_ns == 0)
		return;
	r.wall_ns = s->end_ns;
	r.kind = "session-end";
	snprintf(r.see, sizeof r.see, "shellac verify %" PRIu64, r.session);
	put_end(text, s);
	timeline_add(t, &r);
}

int timeline_sessions(struct timeline *t, struct auditor *a)
{
	struct sessions *x;
	int r = sessions_open(&x, a);

	if (r != 0)
		return r;
	for (size_t i = 0; i < sessions_count(x); i++)
		add_session(t, sessions_row(x, i));
	t->wrong |= sessions_cannot(x) > 0;
	sessions_free(x);
	return 0;
}

static void add_cover(struct timeline *t, const struct cover_row *c)
{
	struct timeline_row r = { .wall_ns = c->from_ns, .source = "coverage", .user = c->user };
	char text[TEXT_MAX], date[CLOCK_RFC3339_SIZE];

	clock_rfc3339(date, c->from_ns);
	snprintf(r.see, sizeof r.see, "shellac coverage --since %.23sZ", date);
	r.text = text;
	if (c->kind == COVER_GAP) {
		r.kind = "gap";
		snprintf(text, sizeof text, "%s", c->what);
	} else if (c->kind == COVER_UNRECORDED) {
		r.kind = "unrecorded";
		snprintf(text, sizeof text, "%s%s%s%s%s", c->tty, c->tty[0] != '\0' ? " " : "",
		    c->from, c->from[0] != '\0' ? ": " : "", c->what);
	} else {
		return;
	}
	timeline_add(t, &r);
	if (!c->ended)
		return;
	r.wall_ns = c->to_ns;
	r.kind = c->kind == COVER_GAP ? "gap-over" : "unrecorded-end";
	timeline_add(t, &r);
}

int timeline_coverage(struct timeline *t, struct auditor *a)
{
	struct cover c = { .since_ns = t->since_ns, .until_ns = t->until_ns };
	struct users *users = NULL;
	long r = cover_ledger(&c, &a->store);

	t->wrong |= r > 0;
	if (r >= 0)
		r = cover_processes(&c, &a->store, &t->wrong);
	if (r >= 0 && (users = users_new(&a->store, a->control[0] != '\0')) == NULL)
		r = -ENOMEM;
	if (r >= 0) {
		cover_finish(&c, users);
		for (size_t i = 0; i < c.rows; i++)
			add_cover(t, &c.row[i]);
	}
	users_free(users);
	cover_release(&c);
	return r < 0 ? (int)r : 0;
}
