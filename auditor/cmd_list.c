/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "columns.h"
#include "err.h"
#include "json.h"
#include "sessions/sessions.h"
#include "table.h"

enum { OPT_JSON = OPT_LONG };

const struct opt list_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define SECOND 1000000000
#define MINUTE_S 60
#define HOUR_S 3600

static void list_json(const struct session_row *w)
{
	int st = w->wait_status, cert = w->have_cert;
	json_t *o = json_object();

	json_object_set_new(o, "n", json_u64(w->entry->name.n));
	json_object_set_new(o, "id", json_hex(w->entry->name.id, ID_SIZE));
	json_object_set_new(o, "user", json_bytes(w->user));
	json_object_set_new(o, "uid", cert ? json_u64(w->uid) : json_null());
	json_object_set_new(o, "tty", json_bytes(w->tty));
	json_object_set_new(o, "host", json_bytes(w->host));
	json_object_set_new(o, "from", json_bytes(w->from));
	json_object_set_new(o, "start", cert ? json_time(w->start_ns) : json_null());
	json_object_set_new(o, "end", w->end_ns != 0 ? json_time(w->end_ns) : json_null());
	json_object_set_new(o, "status", json_string(verdict_word(w->status)));
	json_object_set_new(o, "level", w->level < 0 ? json_null() : json_integer(w->level));
	json_object_set_new(o, "exit",
	    w->exited && WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    w->exited && WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
	json_object_set_new(o, "bytes_in", json_u64(w->bytes_in));
	json_object_set_new(o, "bytes_out", json_u64(w->bytes_out));
	json_object_set_new(o, "commands", w->have_commands ? json_u64(w->commands) : json_null());
	json_line(o);
}

static void put_length(char *out, size_t size, uint64_t ns)
{
	unsigned long long s = ns / SECOND;

	if (s < MINUTE_S)
		snprintf(out, size, "%llu.%llus", s, (unsigned long long)(ns % SECOND) / 100000000);
	else
		snprintf(out, size, "%llu:%02llu:%02llu", s / HOUR_S, s % HOUR_S / MINUTE_S,
		    s % MINUTE_S);
}

/* "2026-11-21 08:00:00Z" */
static void put_time(char *out, size_t size, int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	if (text[0] == '\0')
		snprintf(out, size, "?");
	else
		snprintf(out, size, "%.10s %.8sZ", text, text + 11);
}

static void put_exit(char *out, size_t size, const struct session_row *w)
{
	int st = w->wait_status;

	if (!w->exited)
		snprintf(out, size, "-");
	else if (WIFSIGNALED(st))
		snprintf(out, size, "signal %d", WTERMSIG(st));
	else
		snprintf(out, size, "%d", WEXITSTATUS(st));
}

static const char *or_dash(const char *s)
{
	return s[0] != '\0' ? s : "-";
}

static void list_row(struct table *t, const struct session_row *w)
{
	char n[24], start[32] = "-", length[32], bytes[24], status[32], id[2 * ID_SIZE + 1];
	const char *cells[] = { n, or_dash(w->user), or_dash(w->tty), or_dash(w->from), start,
		length, bytes, verdict_word(w->status), status, id };

	snprintf(n, sizeof n, "%llu", (unsigned long long)w->entry->name.n);
	if (w->have_cert)
		put_time(start, sizeof start, w->start_ns);
	put_length(length, sizeof length, w->length_ns);
	snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)w->bytes_out);
	put_exit(status, sizeof status, w);
	hex_put(id, w->entry->name.id, ID_SIZE);
	id[8] = '\0';
	table_row(t, cells);
}

static int list_all(struct sessions *x, const struct expression *only, int json)
{
	static const char *const heads[] = { "N", "USER", "TTY", "FROM", "START", "LENGTH",
		"BYTES", "STATUS", "EXIT", "ID" };
	static const unsigned char drop[] = { 6, 5, 8, 2, 3, COLUMNS_END }; /* BYTES first */
	struct table *t = json ? NULL : table_new(heads, 10, 0x61);
	size_t i;

	if (!json)
		table_drop(t, drop);
	for (i = 0; i < sessions_count(x); i++) {
		const struct session_row *w = sessions_row(x, i);

		if (!expression_test(only, w))
			continue;
		if (json)
			list_json(w);
		else
			list_row(t, w);
	}
	if (!json)
		table_print(t);
	return sessions_cannot(x) > 0 ? AUDIT_CANNOT : AUDIT_OK;
}

static int list_words(struct auditor *a, int json, int argc, char **argv)
{
	char why[EXPRESSION_WHY];
	struct sessions *x;
	struct expression *only;
	int r, status;

	if (sessions_open(&x, a) != 0)
		return AUDIT_CANNOT;
	r = sessions_expression(&only, x, argc, argv, why);
	if (r == 0) {
		status = list_all(x, only, json);
		expression_free(only);
	} else {
		complain("%s; shellac(1), list, has the words", r == E_FORMAT ? why : err_text(r));
		status = r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
	}
	sessions_free(x);
	return status;
}

int cmd_list(struct auditor *a, int argc, char **argv)
{
	int c, done, status, json = 0;

	while ((c = command_next(command_find("list"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_USAGE)
			return AUDIT_USAGE;
		json = 1;
	}
	if (done)
		return AUDIT_OK;
	status = auditor_open(a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	return status != AUDIT_OK ? status : list_words(a, json, argc - optind, argv + optind);
}
