/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "export/html.h"
#include "export/page.h"

#define COMMANDS_MAX 20000  /* lines that a page lists */
#define PROCESSES_MAX 20000

int page_commands_read(struct page *p)
{
	const struct export_source *s = p->source;
	struct commands_gather *g = NULL;
	struct session_lives *lives = NULL;
	int r = commands_gather_new(&g);

	if (r == 0)
		r = s->each(s->ctx, commands_gather_event, g);
	if (r == 0 && p->job->auditor != NULL)
		r = session_lives_of(&lives, p->job->auditor, s->entry.name.n);
	if (r == 0)
		r = commands_join(&p->commands, g, lives, export_wall(s, 0));
	commands_gather_free(g);
	return r;
}

static void put_status(struct page *p, int status)
{
	char text[32];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof text, "%d", WEXITSTATUS(status));
	html_put(p->out, " <span class=\"exit%s\"><span class=\"unseen\">exit </span>%s</span>",
	    status != 0 ? " failed" : "", text);
}

static const char *word_of(unsigned flags)
{
	if (flags & COMMAND_HIDDEN)
		return "typed unseen";
	if (flags & COMMAND_SCREEN)
		return "full screen";
	if (flags & COMMAND_INPUT)
		return "to a program";
	return flags & COMMAND_KEYS ? "from keystrokes" : "";
}

/* What only keystrokes tell is typed input, which is not exported unasked. */
static int may_say(const struct page *p, const struct command_line *c)
{
	return c->text != NULL && c->text[0] != '\0' &&
	    (p->source->ask.input || !(c->flags & COMMAND_KEYS));
}

static void put_command(struct page *p, const struct command_line *c)
{
	const char *word = word_of(c->flags);
	char clock[HTML_TIME_MAX], at[HTML_TIME_MAX];

	html_put(p->out, "<li><button type=\"button\" class=\"command\" data-at=\"%s\"><time>%s"
	    "</time> <code>", html_seconds(at, cuts_at(&p->cuts, c->at_ns)),
	    html_clock(clock, c->at_ns));
	if (may_say(p, c))
		html_shown(p->out, c->text, strlen(c->text));
	else
		sink_str(p->out, "\xe2\x80\xa6");
	sink_str(p->out, "</code>");
	if (word[0] != '\0')
		html_put(p->out, " <span class=\"word\">%s</span>", word);
	if (c->exited)
		put_status(p, c->status);
	sink_str(p->out, "</button></li>\n");
}

static int is_listed(const struct page *p, const struct command_line *c)
{
	return page_has(p, c->at_ns) && !(c->flags & COMMAND_UNTYPED);
}

void page_commands(struct page *p)
{
	size_t i, n = 0;

	sink_str(p->out, "<section id=\"commands\" aria-labelledby=\"h-commands\">\n"
	    "<h2 id=\"h-commands\">Commands</h2>\n<ol>\n");
	for (i = 0; i < p->commands.lines && n < COMMANDS_MAX; i++) {
		if (!is_listed(p, &p->commands.line[i]))
			continue;
		put_command(p, &p->commands.line[i]);
		n++;
	}
	sink_str(p->out, "</ol>\n");
	if (n == 0)
		sink_str(p->out, "<p class=\"none\">No line was typed.</p>\n");
	if (i < p->commands.lines)
		html_put(p->out, "<p class=\"notice\">Only the first %d are listed.</p>\n",
		    COMMANDS_MAX);
	sink_str(p->out, "</section>\n");
}

/* Arguments where they are known, else the name that the kernel has. */
static void put_program(struct page *p, const struct procs_row *r)
{
	const struct procs_exec *e = r->exec;
	size_t at, len;

	sink_str(p->out, "<td><code>");
	if (e == NULL || e->args == NULL || e->args_len == 0)
		html_str(p->out, r->acct->comm);
	for (at = 0; e != NULL && e->args != NULL && at < e->args_len; at += len + 1) {
		len = strnlen(e->args + at, e->args_len - at);
		if (at > 0)
			sink_str(p->out, " ");
		html_text(p->out, e->args + at, len);
	}
	sink_str(p->out, "</code></td>");
}

static void put_process(struct page *p, const struct procs_row *r)
{
	int64_t begin = export_wall(p->source, 0);
	uint64_t at = r->start_ns > begin ? (uint64_t)(r->start_ns - begin) : 0;

	sink_str(p->out, "<tr><td>");
	page_time(p, at);
	html_put(p->out, "</td><td class=\"n\">%u</td>", r->acct->pid);
	put_program(p, r);
	if (r->running) {
		sink_str(p->out, "<td></td><td>still running</td></tr>\n");
		return;
	}
	html_put(p->out, "<td class=\"n\">%.2f</td><td class=\"n\">", r->acct->elapsed_s);
	put_status(p, (int)r->acct->status);
	sink_str(p->out, "</td></tr>\n");
}

void page_processes(struct page *p)
{
	const struct session_lives *l = p->commands.lives;
	size_t i;

	sink_str(p->out, "<section id=\"processes\" aria-labelledby=\"h-processes\">\n"
	    "<h2 id=\"h-processes\">Processes</h2>\n");
	if (l == NULL || !l->known) {
		sink_str(p->out, "<p class=\"none\">There are no process records of this time.</p>\n"
		    "</section>\n");
		return;
	}
	html_put(p->out, "<details%s><summary>%zu, as the kernel recorded them</summary>\n"
	    "<table>\n<thead><tr><th scope=\"col\">Began</th><th scope=\"col\">Process</th>"
	    "<th scope=\"col\">Program</th><th scope=\"col\">Seconds</th><th scope=\"col\">Exit</th>"
	    "</tr></thead>\n<tbody>\n", l->lives <= 40 ? " open" : "", l->lives);
	for (i = 0; i < l->lives && i < PROCESSES_MAX; i++)
		put_process(p, procs_copy_row(l->life[i]));
	sink_str(p->out, "</tbody>\n</table>\n");
	if (i < l->lives)
		html_put(p->out, "<p class=\"notice\">Only the first %d are listed.</p>\n",
		    PROCESSES_MAX);
	sink_str(p->out, "</details>\n</section>\n");
}
