/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "escape.h"
#include "output/json.h"
#include "screen/cat.h"
#include "screen/commands.h"

#define ARGS_MAX 1024
#define SECOND UINT64_C(1000000000)

static void put_length(char out[16], uint64_t ns)
{
	uint64_t s = ns / SECOND;

	if (s >= 3600)
		snprintf(out, 16, "%u:%02u:%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60),
		    (unsigned)(s % 60));
	else if (s >= 60)
		snprintf(out, 16, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
	else
		snprintf(out, 16, "%u.%02u s", (unsigned)s, (unsigned)(ns / 10000000 % 100));
}

static void put_status(char out[16], int known, int status)
{
	if (!known)
		snprintf(out, 16, "-");
	else if (WIFEXITED(status))
		snprintf(out, 16, "%d", WEXITSTATUS(status));
	else
		snprintf(out, 16, "sig %d", WTERMSIG(status));
}

/* Arguments where they are known, else the name. */
static void put_args(char *out, size_t size, const struct procs_row *r)
{
	char raw[ARGS_MAX];
	size_t len = r->exec != NULL ? r->exec->args_len : 0, i;

	if (len == 0) {
		escape_str(out, size, r->acct->comm);
		return;
	}
	if (len > sizeof raw)
		len = sizeof raw;
	memcpy(raw, r->exec->args, len);
	while (len > 0 && raw[len - 1] == '\0')
		len--;
	for (i = 0; i < len; i++)
		if (raw[i] == '\0')
			raw[i] = ' ';
	escape_bytes(out, size, raw, len);
}

static void put_processes(struct cat *c, const struct commands *all, const struct command_line *l)
{
	char args[ARGS_MAX], status[16], length[16], row[ARGS_MAX + 64];
	size_t i;

	for (i = l->first; i < l->first + l->lives; i++) {
		const struct procs_row *r = procs_copy_row(all->lives->life[i]);

		put_args(args, sizeof args, r);
		put_status(status, !r->running, (int)r->acct->status);
		put_length(length, (uint64_t)(r->acct->elapsed_s * 1e9));
		snprintf(row, sizeof row, "%8s  %9s  %6s    %u %s\n", "",
		    r->running ? "runs" : length, status, r->acct->pid, args);
		sink_str(&c->out, row);
	}
}

static const char *front_of(const struct command_line *l)
{
	if (l->flags & COMMAND_INPUT)
		return "  < ";
	return l->flags & COMMAND_UNTYPED ? "* " : "";
}

static void put_flags(struct cat *c, const struct command_line *l)
{
	if (l->flags & COMMAND_KEYS)
		sink_str(&c->out, "  [from its keys]");
	if (l->flags & COMMAND_HIDDEN)
		sink_str(&c->out, "  [something was typed unseen]");
	if (l->flags & COMMAND_SCREEN)
		sink_str(&c->out, "  [full screen]");
}

static void put_command(struct cat *c, const struct commands *all, const struct command_line *l)
{
	char time[CAT_TIME], length[16], status[16], front[96];

	cat_time(time, c, l->at_ns);
	put_length(length, l->end_ns - l->at_ns);
	put_status(status, l->exited, l->status);
	snprintf(front, sizeof front, "%s  %9s  %6s  %s", time,
	    l->flags & COMMAND_INPUT ? "" : length, l->flags & COMMAND_INPUT ? "" : status,
	    front_of(l));
	sink_str(&c->out, front);
	sink_str(&c->out, l->text);
	put_flags(c, l);
	sink_str(&c->out, "\n");
	if (c->processes)
		put_processes(c, all, l);
}

static json_t *json_processes(const struct commands *all, const struct command_line *l)
{
	json_t *list = json_array();
	char args[ARGS_MAX];
	size_t i;

	for (i = l->first; i < l->first + l->lives; i++) {
		const struct procs_row *r = procs_copy_row(all->lives->life[i]);
		json_t *j = json_object();
		int st = (int)r->acct->status;

		put_args(args, sizeof args, r);
		json_object_set_new(j, "pid", json_u64(r->acct->pid));
		json_object_set_new(j, "start", json_time(r->start_ns));
		json_object_set_new(j, "comm", json_bytes(r->acct->comm));
		json_object_set_new(j, "command", json_string(args));
		json_object_set_new(j, "exit", !r->running && WIFEXITED(st) ?
		    json_integer(WEXITSTATUS(st)) : json_null());
		json_object_set_new(j, "signal", !r->running && WIFSIGNALED(st) ?
		    json_integer(WTERMSIG(st)) : json_null());
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *json_wall(const struct cat *c, uint64_t at_ns)
{
	return c->begin_ns > 0 ? json_time(c->begin_ns + (int64_t)at_ns) : json_null();
}

static void json_command(const struct cat *c, const struct commands *all,
    const struct command_line *l)
{
	int known = all->lives != NULL && all->lives->known;
	json_t *j = json_object();

	json_object_set_new(j, "time", json_wall(c, l->at_ns));
	json_object_set_new(j, "end", json_wall(c, l->end_ns));
	json_object_set_new(j, "at_s", json_real((double)l->at_ns / 1e9));
	json_object_set_new(j, "chunk", l->chunk >= 0 ? json_integer(l->chunk) : json_null());
	json_object_set_new(j, "command", json_string(l->text));
	json_object_set_new(j, "typed", json_boolean(!(l->flags & COMMAND_UNTYPED)));
	json_object_set_new(j, "input", json_boolean(l->flags & COMMAND_INPUT));
	json_object_set_new(j, "from_keys", json_boolean(l->flags & COMMAND_KEYS));
	json_object_set_new(j, "hidden", json_boolean(l->flags & COMMAND_HIDDEN));
	json_object_set_new(j, "full_screen", json_boolean(l->flags & COMMAND_SCREEN));
	json_object_set_new(j, "exit", l->exited && WIFEXITED(l->status) ?
	    json_integer(WEXITSTATUS(l->status)) : json_null());
	json_object_set_new(j, "signal", l->exited && WIFSIGNALED(l->status) ?
	    json_integer(WTERMSIG(l->status)) : json_null());
	json_object_set_new(j, "processes", known ? json_processes(all, l) : json_null());
	json_line(j);
}

int cat_commands(struct cat *c, struct verdict *v)
{
	struct commands all;
	long day = 0;
	size_t i;
	int r = commands_of(&all, c->auditor, c->entry, v);

	if (r != 0)
		return r;
	if (all.lives == NULL || !all.lives->known)
		complain("session %llu: no process records of that time; exit statuses are not "
		    "known", (unsigned long long)c->entry->name.n);
	for (i = 0; i < all.lines && c->out.error == 0; i++) {
		if (c->json) {
			json_command(c, &all, &all.line[i]);
			continue;
		}
		cat_day(c, all.line[i].at_ns, &day);
		if (i == 0)
			sink_str(&c->out, "TIME        LENGTH    EXIT  COMMAND\n");
		put_command(c, &all, &all.line[i]);
	}
	commands_release(&all);
	return 0;
}
