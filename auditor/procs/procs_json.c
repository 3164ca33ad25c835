/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "output/json.h"
#include "life_name.h"
#include "procs/procs.h"
#include "utf8.h"

#define SECONDS_MAX 1e15

static json_t *number_or_null(uint64_t v)
{
	return v != 0 ? json_u64(v) : json_null();
}

/* Accounting counts hundredths of a second */
static json_t *seconds(const struct procs_row *r, double s)
{
	if (r->running)
		return json_null();
	return json_real(s < SECONDS_MAX ? (double)(long long)(s * 100 + 0.5) / 100 : s);
}

/* Bytes as text, "" as such */
static json_t *text(const char *s, size_t len)
{
	char *utf8 = utf8_from_bytes((const uint8_t *)s, len);
	json_t *j = utf8 != NULL ? json_string(utf8) : NULL;

	free(utf8);
	return j;
}

static json_t *path(const char *s)
{
	return s != NULL ? text(s, strlen(s)) : json_null();
}

static json_t *arguments(const struct procs_exec *e)
{
	json_t *a;
	size_t at, len;

	if (e == NULL || e->args == NULL)
		return json_null();
	a = json_array();
	for (at = 0; at < e->args_len; at += len + 1) {
		len = strnlen(e->args + at, e->args_len - at);
		json_array_append_new(a, text(e->args + at, len));
	}
	return a;
}

static json_t *name_or_null(int known, const char *name)
{
	return known ? json_string(name) : json_null();
}

/* Which life it is, on this host: null where its start is not known to the tick. */
static void put_life(json_t *o, const struct procs_row *r)
{
	const struct process_record *p = r->record;
	char life[LIFE_NAME_SIZE] = "";
	int known = p != NULL && p->start_ticks != 0;
	struct life_name n = { .has_boot = 1, .pid = r->acct->pid };

	if (known && r->boot_id != NULL) {
		memcpy(n.boot_id, r->boot_id, BOOT_ID_SIZE);
		n.start_ticks = p->start_ticks;
		n.ordinal = p->ordinal;
		life_name_format(life, &n);
	}
	json_object_set_new(o, "life", name_or_null(known && r->boot_id != NULL, life));
	json_object_set_new(o, "start_ticks", known ? json_u64(p->start_ticks) : json_null());
	json_object_set_new(o, "ordinal", known ? json_u64(p->ordinal) : json_null());
	json_object_set_new(o, "parent", known ? number_or_null(p->parent_pid) : json_null());
	json_object_set_new(o, "sid", known ? number_or_null(p->sid) : json_null());
}

static void put_label(json_t *o, const struct process_record *p)
{
	static const struct process_record none;

	json_object_set_new(o, "reason",
	    name_or_null(p != NULL, p != NULL ? process_reason_name(p->reason) : ""));
	if (p == NULL)
		p = &none;
	json_object_set_new(o, "certainty", name_or_null(p->certainty != CERTAIN_NOT_SAID,
	    process_certainty_name(p->certainty)));
	json_object_set_new(o, "origin", name_or_null(p->origin != ORIGIN_NOT_SAID,
	    process_origin_name(p->origin)));
	json_object_set_new(o, "outer", number_or_null(p->outer));
	json_object_set_new(o, "keeper_pid", number_or_null(p->keeper_pid));
}

static void put_end(json_t *o, const struct procs_row *r)
{
	int st = (int)r->acct->status;

	json_object_set_new(o, "elapsed_s", seconds(r, r->acct->elapsed_s));
	json_object_set_new(o, "cpu_s", seconds(r, r->acct->user_s + r->acct->system_s));
	json_object_set_new(o, "exit",
	    !r->running && WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    !r->running && WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
}

void procs_json_row(void *none, const struct procs_row *r)
{
	const struct acct_record *a = r->acct;
	const char *user = users_name(r->host->users, a->uid);
	char tty[TTY_NAME_SIZE], flags[PROCS_FLAGS];
	json_t *o = json_object();

	(void)none;
	procs_flags(flags, r);
	procs_tty(tty, r);
	if (r->host->name != NULL)
		json_object_set_new(o, "host", json_bytes(r->host->name));
	json_object_set_new(o, "pid", json_u64(a->pid));
	json_object_set_new(o, "ppid", json_u64(a->ppid));
	json_object_set_new(o, "uid", json_u64(a->uid));
	json_object_set_new(o, "user", user != NULL ? json_bytes(user) : json_null());
	json_object_set_new(o, "tty", tty[0] != '?' ? json_string(tty) : json_null());
	json_object_set_new(o, "session",
	    number_or_null(r->record != NULL ? r->record->session : 0));
	json_object_set_new(o, "comm", json_bytes(a->comm));
	json_object_set_new(o, "start", r->start_ns != 0 ? json_time(r->start_ns) : json_null());
	put_end(o, r);
	json_object_set_new(o, "flags", json_string(flags));
	put_label(o, r->record);
	put_life(o, r);
	json_object_set_new(o, "exe", path(r->exec != NULL ? r->exec->exe : NULL));
	json_object_set_new(o, "cwd", path(r->exec != NULL ? r->exec->cwd : NULL));
	json_object_set_new(o, "argv", arguments(r->exec));
	json_line(o);
}
