/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "bytes.h"
#include "escape.h"
#include "list.h"

#define SECOND UINT64_C(1000000000)
#define QUARTER 900 /* seconds: no zone's offset changes within one */
#define ID_SHOWN 8

static size_t put_number(char *out, uint64_t v)
{
	char text[24];
	size_t at = sizeof text;

	do {
		text[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	memcpy(out, text + at, sizeof text - at);
	return sizeof text - at;
}

static size_t put_two(char *out, uint64_t v)
{
	out[0] = (char)('0' + v / 10 % 10);
	out[1] = (char)('0' + v % 10);
	return 2;
}

static size_t put_dash(char *out)
{
	out[0] = '-';
	return 1;
}

/* Of outside: most is plain. */
static size_t put_text(char *out, const char *s)
{
	size_t i;

	if (*s == '\0')
		return put_dash(out);
	for (i = 0; s[i] > ' ' && s[i] < 0x7f && s[i] != '\\' && i < LIST_CELL - 1; i++)
		out[i] = s[i];
	if (s[i] == '\0')
		return i;
	return strlen(escape_str(out, LIST_CELL, s));
}

static size_t put_n(char *out, const struct session_row *w)
{
	return put_number(out, w->entry->name.n);
}

/* "alice", "alice\u2192root,bob" */
static size_t put_user(char *out, const struct session_row *w)
{
	static const char arrow[] = "\xe2\x86\x92";
	char as[LIST_CELL];
	size_t len = put_text(out, w->user), more;

	if (w->as[0] == '\0')
		return len;
	more = put_text(as, w->as);
	if (len + sizeof arrow + more >= LIST_CELL)
		return len;
	memcpy(out + len, arrow, sizeof arrow - 1);
	memcpy(out + len + sizeof arrow - 1, as, more);
	return len + sizeof arrow - 1 + more;
}

static size_t put_uid(char *out, const struct session_row *w)
{
	return w->have_cert ? put_number(out, w->uid) : put_dash(out);
}

static size_t put_tty(char *out, const struct session_row *w)
{
	return put_text(out, strncmp(w->tty, "/dev/", 5) == 0 ? w->tty + 5 : w->tty);
}

static size_t put_host(char *out, const struct session_row *w)
{
	return put_text(out, w->host);
}

static size_t put_from(char *out, const struct session_row *w)
{
	return put_text(out, w->from);
}

static size_t put_cwd(char *out, const struct session_row *w)
{
	return put_text(out, w->cwd);
}

static size_t put_program(char *out, const struct session_row *w)
{
	return put_text(out, w->program);
}

static size_t put_args(char *out, const struct session_row *w)
{
	return put_text(out, w->args);
}

static size_t put_finding(char *out, const struct session_row *w)
{
	return put_text(out, w->finding);
}

/* "Sun 2026-11-22 02:56" in local time; that of the quarter of an hour before is mostly
 * that of this one. */
static size_t put_time(char *out, int64_t wall_ns)
{
	static _Thread_local time_t at = -1;
	static _Thread_local char text[64];
	static _Thread_local size_t len;
	time_t s = (time_t)(wall_ns / (int64_t)SECOND), quarter = s - s % QUARTER;
	struct tm tm;

	if (wall_ns <= 0)
		return put_dash(out);
	if (quarter != at) {
		if (localtime_r(&quarter, &tm) == NULL)
			return put_dash(out);
		at = quarter;
		len = strftime(text, sizeof text, "%a %Y-%m-%d %H:%M", &tm);
	}
	memcpy(out, text, len);
	put_two(out + len - 2, (uint64_t)((text[len - 2] - '0') * 10 + text[len - 1] - '0' +
	    (s - quarter) / 60));
	return len;
}

static size_t put_start(char *out, const struct session_row *w)
{
	return put_time(out, w->start_ns);
}

static size_t put_end(char *out, const struct session_row *w)
{
	return put_time(out, w->end_ns);
}

/* "0.4s", "59s", "12:03", "3:12:03" */
static size_t put_length_of(char *out, uint64_t ns)
{
	uint64_t s = ns / SECOND;
	size_t len;

	if (s < 60) {
		len = put_number(out, s);
		out[len++] = '.';
		out[len++] = (char)('0' + ns % SECOND / (SECOND / 10));
		out[len++] = 's';
		return len;
	}
	len = s >= 3600 ? put_number(out, s / 3600) : 0;
	if (len > 0)
		out[len++] = ':';
	len += len > 0 ? put_two(out + len, s % 3600 / 60) : put_number(out, s / 60);
	out[len++] = ':';
	return len + put_two(out + len, s % 60);
}

static size_t put_length(char *out, const struct session_row *w)
{
	return put_length_of(out, w->length_ns);
}

static size_t put_active(char *out, const struct session_row *w)
{
	return put_length_of(out, w->active_ns);
}

static size_t put_commands(char *out, const struct session_row *w)
{
	return w->have_commands ? put_number(out, w->commands) : put_dash(out);
}

static size_t put_in(char *out, const struct session_row *w)
{
	return put_number(out, w->bytes_in);
}

static size_t put_out(char *out, const struct session_row *w)
{
	return put_number(out, w->bytes_out);
}

static size_t put_status(char *out, const struct session_row *w)
{
	const char *word = verdict_word(w->status);

	memcpy(out, word, strlen(word));
	return strlen(word);
}

static size_t put_level(char *out, const struct session_row *w)
{
	return w->level >= 0 ? put_number(out, (uint64_t)w->level) : put_dash(out);
}

static size_t put_findings(char *out, const struct session_row *w)
{
	return put_number(out, w->findings);
}

static size_t put_exit(char *out, const struct session_row *w)
{
	if (!w->exited)
		return put_dash(out);
	if (WIFSIGNALED(w->wait_status)) {
		memcpy(out, "signal ", 7);
		return 7 + put_number(out + 7, (uint64_t)WTERMSIG(w->wait_status));
	}
	return put_number(out, (uint64_t)WEXITSTATUS(w->wait_status));
}

static size_t put_id(char *out, const struct session_row *w)
{
	char hex[2 * ID_SIZE + 1];

	hex_put(hex, w->entry->name.id, ID_SIZE);
	memcpy(out, hex, ID_SHOWN);
	return ID_SHOWN;
}

#define BY_NUMBER(name, value) \
	static int by_##name(const struct session_row *a, const struct session_row *b) \
	{ \
		return (a->value > b->value) - (a->value < b->value); \
	}
#define BY_TEXT(name) \
	static int by_##name(const struct session_row *a, const struct session_row *b) \
	{ \
		return strcmp(a->name, b->name); \
	}
BY_NUMBER(n, entry->name.n)
BY_NUMBER(uid, uid)
BY_NUMBER(start, start_ns)
BY_NUMBER(end, end_ns)
BY_NUMBER(length, length_ns)
BY_NUMBER(active, active_ns)
BY_NUMBER(commands, commands)
BY_NUMBER(in, bytes_in)
BY_NUMBER(out, bytes_out)
BY_NUMBER(status, status)
BY_NUMBER(level, level)
BY_NUMBER(findings, findings)
BY_NUMBER(exit, wait_status)
BY_TEXT(user)
BY_TEXT(tty)
BY_TEXT(host)
BY_TEXT(from)
BY_TEXT(cwd)
BY_TEXT(program)
BY_TEXT(args)
BY_TEXT(finding)

static int by_id(const struct session_row *a, const struct session_row *b)
{
	return memcmp(a->entry->name.id, b->entry->name.id, ID_SIZE);
}

static const struct list_column columns[] = {
	{ "n", "N", 1, put_n, by_n },
	{ "user", "USER", 0, put_user, by_user },
	{ "from", "FROM", 0, put_from, by_from },
	{ "tty", "TTY", 0, put_tty, by_tty },
	{ "start", "START", 0, put_start, by_start },
	{ "length", "LENGTH", 1, put_length, by_length },
	{ "active", "ACTIVE", 1, put_active, by_active },
	{ "commands", "CMDS", 1, put_commands, by_commands },
	{ "status", "STATUS", 0, put_status, by_status },
	{ "level", "LVL", 1, put_level, by_level },
	{ "exit", "EXIT", 0, put_exit, by_exit },
	{ "id", "ID", 0, put_id, by_id },
	{ "uid", "UID", 1, put_uid, by_uid },
	{ "host", "HOST", 0, put_host, by_host },
	{ "end", "END", 0, put_end, by_end },
	{ "in", "IN", 1, put_in, by_in },
	{ "out", "OUT", 1, put_out, by_out },
	{ "cwd", "CWD", 0, put_cwd, by_cwd },
	{ "program", "PROGRAM", 0, put_program, by_program },
	{ "args", "ARGS", 0, put_args, by_args },
	{ "findings", "FINDINGS", 1, put_findings, by_findings },
	{ "finding", "FINDING", 0, put_finding, by_finding },
};
#define KNOWN (sizeof columns / sizeof columns[0])
#define USUAL "n,user,from,tty,start,length,active,commands,status,level,exit,id"

const struct list_column *list_column(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strlen(columns[i].name) == len && memcmp(columns[i].name, name, len) == 0)
			return &columns[i];
	return NULL;
}

unsigned list_columns(const struct list_column *out[LIST_COLUMNS], const char *list,
    const char **wrong)
{
	const char *at = list != NULL ? list : USUAL;
	unsigned n = 0, i;

	for (;; at++) {
		size_t len = strcspn(at, ",");
		const struct list_column *c = list_column(at, len);

		for (i = 0; i < n; i++)
			if (out[i] == c)
				c = NULL;
		*wrong = at;
		if (c == NULL)
			return 0;
		out[n++] = c;
		at += len;
		if (*at == '\0')
			return n;
	}
}

const char *list_column_names(void)
{
	static char names[LIST_CELL];
	size_t len = 0, i;

	for (i = 0; i < KNOWN; i++)
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i > 0 ? "," : "",
		    columns[i].name);
	return names;
}
