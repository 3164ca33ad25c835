/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "screen/commands_internal.h"

/* Starts, and how long a process ran, are known to 10 ms. */
#define TICK_SLACK_NS INT64_C(20000000)

static const char *const shells[] = { "sh", "dash", "bash", "zsh", "ksh", "mksh", "ash", "fish",
	"busybox", "rbash", "tcsh", "csh", "su", "sudo", NULL };

static int is_shell(const char *comm)
{
	size_t i;

	for (i = 0; shells[i] != NULL; i++)
		if (strcmp(comm, shells[i]) == 0)
			return 1;
	return 0;
}

static const struct procs_row *row(const struct commands *c, size_t i)
{
	return procs_copy_row(c->lives->life[i]);
}

/* Since the session's begin; what began before it did so at 0. */
static uint64_t start_of(const struct procs_row *r, int64_t begin_ns)
{
	int64_t start_ns = session_life_start(r);

	return start_ns > begin_ns ? (uint64_t)(start_ns - begin_ns) : 0;
}

static uint64_t end_of(const struct procs_row *r, int64_t begin_ns)
{
	return start_of(r, begin_ns) + (uint64_t)(r->acct->elapsed_s * 1e9);
}

/* Could it have begun after this time? */
static int began_after(const struct procs_row *r, int64_t begin_ns, uint64_t at_ns)
{
	return start_of(r, begin_ns) + (uint64_t)TICK_SLACK_NS >= at_ns;
}

/* Something that is no shell, began with the command and goes on when a line is entered,
 * had the terminal: unless it was sent to the background. */
static int was_input(const struct commands *c, const struct command_line *of, uint64_t at_ns,
    int64_t begin_ns, const struct gathered *g)
{
	/* at its prompt a shell that takes pastes in brackets would have said so */
	uint64_t slack = (uint64_t)TICK_SLACK_NS, before = g->at == TYPING_PROGRAM ? slack : 0;
	size_t len = strlen(of->text), i;
	int runs = 0;

	if (g->ran || g->at == TYPING_PROMPTED)
		return 0;
	if (c->lives == NULL || !c->lives->known)
		return g->at == TYPING_PROGRAM;
	if (g->at == TYPING_UNKNOWN && len > 0 && of->text[len - 1] == '&')
		return 0;
	for (i = of->first; i < of->first + of->lives; i++) {
		const struct procs_row *r = row(c, i);

		if (start_of(r, begin_ns) > at_ns ||
		    (!r->running && end_of(r, begin_ns) + 2 * before <= at_ns + slack))
			continue;
		if (is_shell(r->acct->comm))
			return 0;
		runs = 1;
	}
	return runs;
}

/* The first word's last part, without assignments in front, as the kernel cuts it. */
static int names(const char *text, const char *comm)
{
	size_t len, from;

	for (;;) {
		text += strspn(text, " (");
		len = strcspn(text, " ;|&<>)");
		if (memchr(text, '=', len) == NULL || text[len] != ' ')
			break;
		text += len;
	}
	for (from = len; from > 0 && text[from - 1] != '/'; from--)
		;
	text += from;
	len -= from;
	if (len > ACCT_COMM - 1)
		len = ACCT_COMM - 1;
	return len > 0 && strncmp(text, comm, len) == 0 && comm[len] == '\0';
}

static int is_child_of_group(const struct commands *c, const struct command_line *l,
    const struct procs_row *r)
{
	uint32_t parent = r->record != NULL && r->record->parent_pid != 0 ? r->record->parent_pid :
	    r->acct->ppid;
	size_t i;

	for (i = l->first; i < l->first + l->lives; i++)
		if (row(c, i)->acct->pid == parent)
			return 1;
	return 0;
}

/* The process that the line named, else the last of those that the shell itself began. */
static const struct procs_row *main_life(const struct commands *c, const struct command_line *l,
    int64_t begin_ns)
{
	const struct procs_row *best = NULL;
	size_t i;

	for (i = l->first; i < l->first + l->lives; i++)
		if (names(l->text, row(c, i)->acct->comm))
			return row(c, i);
	for (i = l->first; i < l->first + l->lives; i++) {
		const struct procs_row *r = row(c, i);

		if (is_child_of_group(c, l, r))
			continue;
		if (best == NULL || r->running ||
		    (!best->running && end_of(r, begin_ns) >= end_of(best, begin_ns)))
			best = r;
	}
	return best;
}

static void set_end(const struct commands *c, struct command_line *l, uint64_t next_ns,
    int64_t begin_ns)
{
	const struct procs_row *m = main_life(c, l, begin_ns);
	uint64_t last = 0;
	size_t i;

	l->end_ns = next_ns;
	if (m == NULL)
		return;
	if (!m->running) {
		l->exited = 1;
		l->status = (int)m->acct->status;
	}
	for (i = l->first; i < l->first + l->lives; i++) {
		if (row(c, i)->running)
			return;
		if (end_of(row(c, i), begin_ns) > last)
			last = end_of(row(c, i), begin_ns);
	}
	l->end_ns = last > l->at_ns ? last : l->at_ns;
}

/* Lives that began before the next line go to this one; those before it are given away. */
static void take_lives(struct commands *c, struct command_line *l, uint64_t until_ns,
    int64_t begin_ns)
{
	size_t next = l->first + l->lives;

	while (c->lives != NULL && next < c->lives->lives &&
	    !began_after(row(c, next), begin_ns, until_ns))
		next++;
	l->lives = next - l->first;
}

static int by_time(const void *a, const void *b)
{
	const struct gathered *x = a, *y = b;

	if (x->line.at_ns != y->line.at_ns)
		return x->line.at_ns < y->line.at_ns ? -1 : 1;
	return 0;
}

static int add(struct commands *c, struct command_line *l)
{
	int r = array_room(&c->line, c->lines, &c->room, sizeof *c->line);

	if (r == 0) {
		c->line[c->lines++] = *l;
		l->text = NULL;
	}
	return r;
}

/* Nobody typed what the session began with. */
static int add_first(struct commands *c, struct commands_gather *g)
{
	struct command_line l = { .flags = COMMAND_UNTYPED, .chunk = 0 };

	if (g->argv == NULL && (c->lives == NULL || c->lives->lives == 0))
		return 0;
	l.text = g->argv != NULL ? g->argv : strdup("");
	if (l.text == NULL)
		return -ENOMEM;
	g->argv = NULL;
	return add(c, &l);
}

/* Adds a line; *owner is the command whose processes come now. */
static int join_line(struct commands *c, struct gathered *g, size_t *owner, int64_t begin_ns)
{
	struct command_line *of = c->lines > 0 ? &c->line[*owner] : NULL;

	g->line.first = 0;
	if (of != NULL) {
		take_lives(c, of, g->line.at_ns, begin_ns);
		g->line.first = of->first + of->lives;
		if (was_input(c, of, g->line.at_ns, begin_ns, g))
			g->line.flags |= COMMAND_INPUT;
	}
	g->line.end_ns = g->line.at_ns;
	if (!(g->line.flags & COMMAND_INPUT))
		*owner = c->lines;
	return add(c, &g->line);
}

static void set_ends(struct commands *c, uint64_t last_ns, int64_t begin_ns)
{
	uint64_t next_ns = last_ns;
	size_t i;

	for (i = c->lines; i-- > 0;)
		if (!(c->line[i].flags & COMMAND_INPUT)) {
			set_end(c, &c->line[i], next_ns, begin_ns);
			next_ns = c->line[i].at_ns;
		}
}

int commands_join(struct commands *out, struct commands_gather *g, struct session_lives *lives,
    int64_t cert_wall_ns)
{
	size_t owner = 0, i;
	int r;

	*out = (struct commands){ .lives = lives };
	r = transcript_end(g->transcript);
	if (g->lines > 1)
		qsort(g->line, g->lines, sizeof *g->line, by_time);
	if (r == 0)
		r = add_first(out, g);
	for (i = 0; i < g->lines && r == 0; i++)
		r = join_line(out, &g->line[i], &owner, cert_wall_ns);
	if (r != 0)
		return r;
	if (out->lines > 0)
		take_lives(out, &out->line[owner], UINT64_MAX, cert_wall_ns);
	set_ends(out, g->last_ns, cert_wall_ns);
	return 0;
}

void commands_release(struct commands *c)
{
	size_t i;

	for (i = 0; i < c->lines; i++)
		free(c->line[i].text);
	free(c->line);
	session_lives_free(c->lives);
	*c = (struct commands){ 0 };
}
