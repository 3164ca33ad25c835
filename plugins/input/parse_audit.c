/* SPDX-License-Identifier: ISC */
/* Records of the audit daemon: type=NAME msg=audit(SECONDS.MILLIS:SERIAL): KEY=VALUE ..., where
 * a value is a word, stands in quotation marks, or is written in hexadecimal digits. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "parse.h"

#define KEY_MAX 40
#define UNSET "4294967295" /* an id that nobody has set, as -1 of 32 bits */

/* Keys whose value is in hexadecimal digits unless it stands in quotation marks. */
static const char *const coded[] = {"comm", "exe", "name", "cwd", "proctitle", "acct", "cmd", "data",
	"key", "path", "vm"};

static const struct {
	const char *key, *field;
	enum { TEXT, NUMBER, IDENTITY } what;
} known[] = {
	{"pid", "process.pid", NUMBER}, {"ppid", "process.parent.pid", NUMBER},
	{"uid", "user.id", IDENTITY}, {"euid", "user.effective.id", IDENTITY},
	{"gid", "group.id", IDENTITY}, {"comm", "process.name", TEXT},
	{"exe", "process.executable", TEXT}, {"proctitle", "process.title", TEXT},
	{"cwd", "process.working_directory", TEXT}, {"acct", "user.target.name", TEXT},
	{"cmd", "process.command_line", TEXT}, {"name", "file.path", TEXT},
};

struct pair {
	const char *key, *value;
	size_t key_len, value_len;
	int quoted;
};

static int is(const char *word, const struct pair *p)
{
	return strlen(word) == p->key_len && memcmp(word, p->key, p->key_len) == 0;
}

/* msg='op=login acct="root" ...' has pairs of its own: its mark is skipped. */
static int next_pair(const char *line, size_t len, size_t *at, struct pair *p)
{
	size_t i = *at;

	for (;;) {
		while (i < len && strchr(" \t'\x1d,", line[i]) != NULL)
			i++;
		p->key = line + i;
		while (i < len && strchr(" \t='", line[i]) == NULL)
			i++;
		p->key_len = (size_t)(line + i - p->key);
		if (i == len)
			return 0;
		if (line[i] != '=')
			continue; /* a word without a value */
		i++;
		if (i < len && line[i] == '\'' && p->key_len == 3 && memcmp(p->key, "msg", 3) == 0)
			continue;
		break;
	}
	p->quoted = i < len && line[i] == '"';
	i += (size_t)p->quoted;
	p->value = line + i;
	while (i < len && (p->quoted ? line[i] != '"' : strchr(" \t'", line[i]) == NULL))
		i++;
	p->value_len = (size_t)(line + i - p->value);
	*at = i + (i < len && p->quoted);
	return 1;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that hexadecimal digits mean, in a new buffer, with blanks for zeros (between
 * arguments); NULL where they are no such digits, or without memory. */
static char *decode(const struct pair *p)
{
	char *out;

	if (p->quoted || p->value_len == 0 || p->value_len % 2 != 0)
		return NULL;
	for (size_t i = 0; i < p->value_len; i++)
		if (digit(p->value[i]) < 0)
			return NULL;
	out = malloc(p->value_len / 2 + 1);
	for (size_t i = 0; out != NULL && i < p->value_len; i += 2) {
		out[i / 2] = (char)(digit(p->value[i]) * 16 + digit(p->value[i + 1]));
		if (out[i / 2] == '\0')
			out[i / 2] = ' ';
	}
	return out;
}

static int is_coded(const struct pair *p)
{
	for (size_t i = 0; i < sizeof(coded) / sizeof(coded[0]); i++)
		if (is(coded[i], p))
			return 1;
	return 0;
}

static int set_known(json_t *event, const struct pair *p, const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!is(known[i].key, p))
			continue;
		if (known[i].what == NUMBER)
			return parse_set_number(event, known[i].field, text, len, INT32_MAX);
		if (known[i].what == IDENTITY && len == strlen(UNSET) && memcmp(text, UNSET, len) == 0)
			return 0;
		return len > 0 ? parse_set(event, known[i].field, text, len) : 0;
	}
	if (is("res", p) || is("success", p)) {
		int good = (len == 3 && memcmp(text, "yes", 3) == 0) ||
		    (len == 7 && memcmp(text, "success", 7) == 0) ||
		    (len == 1 && text[0] == '1');

		return parse_set(event, "event.outcome", good ? "success" : "failure", 7);
	}
	return 0;
}

static int is_key(const struct pair *p)
{
	for (size_t i = 0; i < p->key_len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-[]",
		    p->key[i]) == NULL || p->key[i] == '\0')
			return 0;
	return p->key_len > 0 && p->key_len <= KEY_MAX;
}

/* Into the event, and all of them below audit.  a0, a1, ... are texts in an EXECVE alone, and
 * numbers elsewhere. */
static int take(json_t *event, const struct pair *p, int is_execve)
{
	int coded_here = is_coded(p) || (is_execve && p->key_len > 1 && p->key[0] == 'a' &&
	    p->key[1] >= '0' && p->key[1] <= '9');
	char *decoded = coded_here ? decode(p) : NULL, field[KEY_MAX + 8];
	const char *text = decoded != NULL ? decoded : p->value;
	size_t len = decoded != NULL ? p->value_len / 2 : p->value_len;
	int r = 0;

	if (is_key(p)) {
		snprintf(field, sizeof(field), "audit.%.*s", (int)p->key_len, p->key);
		r = parse_set(event, field, text, len);
		if (r == 0)
			r = set_known(event, p, text, len);
	}
	free(decoded);
	return r;
}

/* Behind "audit(": the time, and the serial. */
static int set_stamp(json_t *event, const char *p, size_t len)
{
	char text[48], date[CLOCK_RFC3339_SIZE];
	unsigned long long s, serial;
	unsigned ms;
	int end = 0;

	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	memcpy(text, p, len);
	text[len] = '\0';
	if (text[0] < '0' || text[0] > '9' ||
	    sscanf(text, "%11llu.%3u:%19llu)%n", &s, &ms, &serial, &end) != 3 || end == 0)
		return 1;
	if (s > INT64_MAX / 1000000000 - 1)
		return 1;
	clock_rfc3339(date, (int64_t)s * 1000000000 + (int64_t)ms * 1000000);
	if (date[0] != '\0' && parse_set(event, "event.start", date, strlen(date)) != 0)
		return -ENOMEM;
	return parse_set_value(event, "audit.serial", json_integer((json_int_t)serial));
}

static int set_type(json_t *event, const char *p, size_t len)
{
	char action[64];
	int n = snprintf(action, sizeof(action), "audit-%.*s", len < 48 ? (int)len : 48, p);

	for (int i = 0; i < n; i++)
		if (action[i] >= 'A' && action[i] <= 'Z')
			action[i] = (char)(action[i] - 'A' + 'a');
		else if (action[i] == '_')
			action[i] = '-';
	return parse_set(event, "event.action", action, (size_t)n) != 0 ||
	    parse_set(event, "event.code", p, len) != 0 ||
	    parse_set(event, "event.provider", "auditd", 6) != 0 ? -ENOMEM : 0;
}

int parse_audit(json_t *event, const char *line, size_t len)
{
	const char *stamp = memmem(line, len, "msg=audit(", 10), *type = memmem(line, len, "type=", 5);
	size_t at, type_len = 0, n = 0;
	struct pair p;
	int r;

	if (stamp == NULL || type == NULL || type > stamp)
		return 1;
	for (type += 5; type + type_len < stamp && type[type_len] != ' '; type_len++)
		;
	if ((r = set_type(event, type, type_len)) != 0 ||
	    (r = set_stamp(event, stamp + 10, (size_t)(line + len - stamp) - 10)) != 0)
		return r;
	stamp = memchr(stamp, ')', (size_t)(line + len - stamp));
	at = (size_t)(stamp - line) + 1;
	at += at < len && line[at] == ':';
	while (r == 0 && n++ < PARSE_FIELDS_MAX && next_pair(line, len, &at, &p))
		r = take(event, &p, type_len == 6 && memcmp(type, "EXECVE", 6) == 0);
	return r;
}
