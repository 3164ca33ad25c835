/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "output/json.h"
#include "list.h"

#define SECOND 1e9

/* "root,bob" as an array */
static json_t *names(const char *as)
{
	json_t *all = json_array();
	char *copy = strdup(as), *rest = copy, *name;

	while (copy != NULL && (name = strsep(&rest, ",")) != NULL)
		if (*name != '\0')
			json_array_append_new(all, json_bytes(name));
	free(copy);
	return all;
}

static void who(json_t *o, const struct session_row *w)
{
	int cert = w->have_cert;

	json_object_set_new(o, "n", json_u64(w->entry->name.n));
	json_object_set_new(o, "id", json_hex(w->entry->name.id, ID_SIZE));
	json_object_set_new(o, "user", json_bytes(w->user));
	json_object_set_new(o, "uid", cert ? json_u64(w->uid) : json_null());
	json_object_set_new(o, "gid", cert ? json_u64(w->gid) : json_null());
	json_object_set_new(o, "as", w->have_commands ? names(w->as) : json_null());
	json_object_set_new(o, "tty", json_bytes(w->tty));
	json_object_set_new(o, "host", json_bytes(w->host));
	json_object_set_new(o, "from", json_bytes(w->from));
	json_object_set_new(o, "cwd", json_bytes(w->cwd));
	json_object_set_new(o, "program", json_bytes(w->program));
	json_object_set_new(o, "args", json_bytes(w->args));
	json_object_set_new(o, "start", cert ? json_time(w->start_ns) : json_null());
}

static void what(json_t *o, const struct session_row *w)
{
	int st = w->wait_status;

	json_object_set_new(o, "end", w->end_ns != 0 ? json_time(w->end_ns) : json_null());
	json_object_set_new(o, "length_s", json_real((double)w->length_ns / SECOND));
	json_object_set_new(o, "active_s", json_real((double)w->active_ns / SECOND));
	json_object_set_new(o, "status", json_string(verdict_word(w->status)));
	json_object_set_new(o, "level", w->level < 0 ? json_null() : json_integer(w->level));
	json_object_set_new(o, "findings", json_integer(w->findings));
	json_object_set_new(o, "finding", json_bytes(w->finding));
	json_object_set_new(o, "exit",
	    w->exited && WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    w->exited && WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
	json_object_set_new(o, "bytes_in", json_u64(w->bytes_in));
	json_object_set_new(o, "bytes_out", json_u64(w->bytes_out));
	json_object_set_new(o, "bytes_hidden", json_u64(w->hidden));
	json_object_set_new(o, "bytes_lost", json_u64(w->lost));
	json_object_set_new(o, "commands", w->have_commands ? json_u64(w->commands) : json_null());
}

void list_json(const struct session_row *w)
{
	json_t *o = json_object();

	who(o, w);
	what(o, w);
	json_line(o);
}
