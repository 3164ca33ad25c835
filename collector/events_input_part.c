/* SPDX-License-Identifier: ISC */
/* Fields of Elastic Common Schema that an input plugin may set, and the values they take. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "events_input.h"

#define PATH_MAX_LEN 96

enum type {
	TYPE_TEXT,   /* a string */
	TYPE_TEXTS,  /* strings in a list */
	TYPE_NUMBER, /* an integer, 0 or more */
	TYPE_REAL,
	TYPE_IP,
	TYPE_IPS,
	TYPE_DATE,   /* RFC 3339 */
	TYPE_ACTION, /* not one that we say of ourselves */
};

struct field {
	const char *name;
	enum type type;
};

/* In the order of strcmp(3). */
static const struct field fields[] = {
	{"destination.address", TYPE_TEXT},
	{"destination.bytes", TYPE_NUMBER},
	{"destination.ip", TYPE_IP},
	{"destination.mac", TYPE_TEXT},
	{"destination.packets", TYPE_NUMBER},
	{"destination.port", TYPE_NUMBER},
	{"error.code", TYPE_TEXT},
	{"error.message", TYPE_TEXT},
	{"event.action", TYPE_ACTION},
	{"event.category", TYPE_TEXTS},
	{"event.code", TYPE_TEXT},
	{"event.duration", TYPE_NUMBER},
	{"event.end", TYPE_DATE},
	{"event.kind", TYPE_TEXT},
	{"event.original", TYPE_TEXT},
	{"event.outcome", TYPE_TEXT},
	{"event.provider", TYPE_TEXT},
	{"event.reason", TYPE_TEXT},
	{"event.reference", TYPE_TEXT},
	{"event.risk_score", TYPE_REAL},
	{"event.severity", TYPE_NUMBER},
	{"event.start", TYPE_DATE},
	{"event.type", TYPE_TEXTS},
	{"file.gid", TYPE_TEXT},
	{"file.inode", TYPE_TEXT},
	{"file.mode", TYPE_TEXT},
	{"file.name", TYPE_TEXT},
	{"file.owner", TYPE_TEXT},
	{"file.path", TYPE_TEXT},
	{"file.uid", TYPE_TEXT},
	{"group.id", TYPE_TEXT},
	{"group.name", TYPE_TEXT},
	{"log.level", TYPE_TEXT},
	{"log.logger", TYPE_TEXT},
	{"message", TYPE_TEXT},
	{"network.application", TYPE_TEXT},
	{"network.bytes", TYPE_NUMBER},
	{"network.community_id", TYPE_TEXT},
	{"network.direction", TYPE_TEXT},
	{"network.iana_number", TYPE_TEXT},
	{"network.packets", TYPE_NUMBER},
	{"network.protocol", TYPE_TEXT},
	{"network.transport", TYPE_TEXT},
	{"network.type", TYPE_TEXT},
	{"observer.egress.interface.name", TYPE_TEXT},
	{"observer.ingress.interface.name", TYPE_TEXT},
	{"observer.name", TYPE_TEXT},
	{"observer.product", TYPE_TEXT},
	{"observer.type", TYPE_TEXT},
	{"observer.vendor", TYPE_TEXT},
	{"process.args", TYPE_TEXTS},
	{"process.command_line", TYPE_TEXT},
	{"process.executable", TYPE_TEXT},
	{"process.exit_code", TYPE_NUMBER},
	{"process.name", TYPE_TEXT},
	{"process.parent.pid", TYPE_NUMBER},
	{"process.pid", TYPE_NUMBER},
	{"process.title", TYPE_TEXT},
	{"process.working_directory", TYPE_TEXT},
	{"related.hosts", TYPE_TEXTS},
	{"related.ip", TYPE_IPS},
	{"related.user", TYPE_TEXTS},
	{"rule.author", TYPE_TEXTS},
	{"rule.category", TYPE_TEXT},
	{"rule.description", TYPE_TEXT},
	{"rule.id", TYPE_TEXT},
	{"rule.name", TYPE_TEXT},
	{"rule.reference", TYPE_TEXT},
	{"rule.ruleset", TYPE_TEXT},
	{"rule.uuid", TYPE_TEXT},
	{"rule.version", TYPE_TEXT},
	{"service.name", TYPE_TEXT},
	{"service.type", TYPE_TEXT},
	{"shellac.rule.chunk", TYPE_NUMBER},
	{"shellac.rule.elapsed_ns", TYPE_NUMBER},
	{"shellac.rule.matched", TYPE_TEXT},
	{"shellac.rule.offset", TYPE_NUMBER},
	{"shellac.rule.what", TYPE_TEXT},
	{"shellac.session.id", TYPE_TEXT},
	{"shellac.session.n", TYPE_NUMBER},
	{"source.address", TYPE_TEXT},
	{"source.bytes", TYPE_NUMBER},
	{"source.ip", TYPE_IP},
	{"source.mac", TYPE_TEXT},
	{"source.packets", TYPE_NUMBER},
	{"source.port", TYPE_NUMBER},
	{"tags", TYPE_TEXTS},
	{"threat.tactic.id", TYPE_TEXTS},
	{"threat.tactic.name", TYPE_TEXTS},
	{"threat.technique.id", TYPE_TEXTS},
	{"threat.technique.name", TYPE_TEXTS},
	{"url.domain", TYPE_TEXT},
	{"url.full", TYPE_TEXT},
	{"url.original", TYPE_TEXT},
	{"user.domain", TYPE_TEXT},
	{"user.effective.id", TYPE_TEXT},
	{"user.effective.name", TYPE_TEXT},
	{"user.id", TYPE_TEXT},
	{"user.name", TYPE_TEXT},
	{"user.target.id", TYPE_TEXT},
	{"user.target.name", TYPE_TEXT},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* The first field whose name is not below this one. */
static size_t find(const char *name)
{
	size_t low = 0, high = FIELDS, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (strcmp(fields[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct field *get(const char *name)
{
	size_t i = find(name);

	return i < FIELDS && strcmp(fields[i].name, name) == 0 ? &fields[i] : NULL;
}

/* Are there fields below this name? */
static int has_fields(const char *name)
{
	char below[PATH_MAX_LEN + 1];
	size_t i, len;

	len = (size_t)snprintf(below, sizeof(below), "%s.", name);
	i = find(below);
	return i < FIELDS && strncmp(fields[i].name, below, len) == 0;
}

static int is_ip(const json_t *v)
{
	const char *s = json_string_value(v);
	struct in6_addr a;

	return s != NULL && (inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1);
}

static int is_text(const json_t *v)
{
	return json_is_string(v);
}

static int is_list(const json_t *v, int (*is)(const json_t *v))
{
	const json_t *item;
	size_t i;

	if (!json_is_array(v) || json_array_size(v) == 0)
		return 0;
	json_array_foreach(v, i, item)
		if (!is(item))
			return 0;
	return 1;
}

/* "2026-11-21T08:00:00", a fraction or none, and Z or +hh:mm */
static int is_date(const json_t *v)
{
	static const char shape[] = "0000-00-00T00:00:00", zone[] = "00:00";
	const char *s = json_string_value(v);
	size_t i;

	if (s == NULL)
		return 0;
	for (i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return 0;
	s += i;
	if (*s == '.') {
		i = strspn(s + 1, "0123456789");
		if (i == 0 || i > 9)
			return 0;
		s += 1 + i;
	}
	if (strcmp(s, "Z") == 0)
		return 1;
	if (*s != '+' && *s != '-')
		return 0;
	for (i = 0, s++; i < sizeof(zone) - 1; i++)
		if (zone[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != zone[i])
			return 0;
	return s[i] == '\0';
}

/* Ours are what the collector itself has seen; a rule that was met is told by a plugin. */
static int is_action(const json_t *v)
{
	static const char *const ours[] = {"session-start", "session-end", "process-end", "unrecorded",
		"unrecorded-end", "recording-gap", "failure", "failure-over", "tamper-detected", "access",
		"review", "purge", "hold", "hold-released", "key-rotated", "configuration-changed",
		"plugin-start", "events-lost"};
	const char *s = json_string_value(v);
	size_t i;

	for (i = 0; s != NULL && i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(s, ours[i]) == 0)
			return 0;
	return s != NULL;
}

static int takes(const struct field *f, const json_t *v)
{
	switch (f->type) {
	case TYPE_TEXT: return is_text(v);
	case TYPE_TEXTS: return is_list(v, is_text);
	case TYPE_NUMBER: return json_is_integer(v) && json_integer_value(v) >= 0;
	case TYPE_REAL: return json_is_number(v);
	case TYPE_IP: return is_ip(v);
	case TYPE_IPS: return is_list(v, is_ip);
	case TYPE_DATE: return is_date(v);
	case TYPE_ACTION: return is_action(v);
	}
	return 0;
}

static int part(json_t *object, const char *prefix, json_t *known, json_t *other);

/* What is below a name that has fields. */
static int part_below(json_t *v, const char *path, const char *key, json_t *known,
    json_t *other)
{
	json_t *in = json_object(), *out = json_object();
	int r = in == NULL || out == NULL ? -ENOMEM : part(v, path, in, out);

	if (r == 0 && json_object_size(in) > 0)
		r = json_object_set(known, key, in);
	if (r == 0 && (json_object_size(out) > 0 || json_object_size(v) == 0))
		r = json_object_set(other, key, out);
	json_decref(in);
	json_decref(out);
	return r;
}

static int part(json_t *object, const char *prefix, json_t *known, json_t *other)
{
	char path[PATH_MAX_LEN];
	const struct field *f;
	const char *key;
	json_t *v;
	int n, r = 0;

	json_object_foreach(object, key, v) {
		n = snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix != '\0' ? "." : "", key);
		if (n < 0 || (size_t)n >= sizeof(path) - 1 || strchr(key, '.') != NULL)
			r = json_object_set(other, key, v);
		else if ((f = get(path)) != NULL && takes(f, v))
			r = json_object_set(known, key, v);
		else if (json_is_object(v) && has_fields(path))
			r = part_below(v, path, key, known, other);
		else
			r = json_object_set(other, key, v);
		if (r != 0)
			return -ENOMEM;
	}
	return 0;
}

int events_input_part(json_t *object, json_t **known, json_t **other)
{
	json_t *in = json_object(), *out = json_object();
	int r = in == NULL || out == NULL ? -ENOMEM : part(object, "", in, out);

	if (r != 0) {
		json_decref(in);
		json_decref(out);
		return r;
	}
	*known = in;
	*other = out;
	return 0;
}
