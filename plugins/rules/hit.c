/* SPDX-License-Identifier: ISC */
#include "hit.h"

#include <string.h>

static const json_t *at(const json_t *o, const char *a, const char *b)
{
	return json_object_get(json_object_get(o, a), b);
}

/* A copy of a field, where it is there and of this type. */
static int copy(json_t *to, const char *name, const json_t *value, json_type type)
{
	if (value == NULL || json_typeof(value) != type)
		return 0;
	return json_object_set_new(to, name, json_deep_copy(value));
}

static int fill(json_t *o, const json_t *line)
{
	json_t *event = json_object_get(o, "event"), *user = json_object_get(o, "user");
	json_t *shellac = json_object_get(o, "shellac"), *rule = json_object_get(shellac, "rule");
	json_t *session = json_object_get(shellac, "session");
	const json_t *of = at(line, "shellac", "session");
	json_int_t ms = json_integer_value(at(line, "shellac", "offset_ms"));

	return copy(event, "severity", at(line, "event", "severity"), JSON_INTEGER) != 0 ||
	    copy(event, "start", json_object_get(line, "@timestamp"), JSON_STRING) != 0 ||
	    copy(user, "name", at(line, "user", "name"), JSON_STRING) != 0 ||
	    copy(user, "id", at(line, "user", "id"), JSON_STRING) != 0 ||
	    copy(session, "n", json_object_get(of, "n"), JSON_INTEGER) != 0 ||
	    copy(session, "id", json_object_get(of, "id"), JSON_STRING) != 0 ||
	    copy(rule, "what", at(line, "shellac", "on"), JSON_STRING) != 0 ||
	    copy(rule, "matched", at(line, "shellac", "text"), JSON_STRING) != 0 ||
	    copy(rule, "chunk", at(line, "shellac", "chunk"), JSON_INTEGER) != 0 ||
	    copy(o, "message", at(line, "shellac", "text"), JSON_STRING) != 0 ||
	    copy(o, "replay", at(line, "shellac", "replay"), JSON_STRING) != 0 ||
	    json_object_set_new(rule, "elapsed_ns", json_integer(ms * 1000000)) != 0 ? -1 : 0;
}

json_t *hit_event(const char *line, size_t len)
{
	json_t *read = json_loadb(line, len, 0, NULL), *o = NULL;
	const char *action = json_string_value(at(read, "event", "action"));
	const char *name = json_string_value(at(read, "rule", "name"));

	if (action != NULL && strcmp(action, "rule-hit") == 0 && name != NULL)
		o = json_pack("{s:{s:s, s:[s], s:[s], s:s}, s:{s:s}, s:{}, s:{s:{}, s:{}}}",
		    "event", "kind", "alert", "category", "intrusion_detection", "type", "info",
		    "action", "rule-hit", "rule", "name", name, "user", "shellac", "session", "rule");
	if (o != NULL && fill(o, read) != 0) {
		json_decref(o);
		o = NULL;
	}
	json_decref(read);
	return o;
}

void hit_key(uint8_t out[HASH_SIZE], const json_t *event)
{
	const json_t *rule = at(event, "shellac", "rule");
	const char *what = json_string_value(json_object_get(rule, "what"));
	const char *matched = json_string_value(json_object_get(rule, "matched"));
	const char *name = json_string_value(at(event, "rule", "name"));
	int64_t elapsed = json_integer_value(json_object_get(rule, "elapsed_ns"));
	struct hash h;

	hash_begin(&h);
	hash_add(&h, &elapsed, sizeof(elapsed), NULL, 0);
	if (name != NULL)
		hash_add(&h, name, strlen(name) + 1, NULL, 0);
	if (what != NULL)
		hash_add(&h, what, strlen(what) + 1, NULL, 0);
	if (matched != NULL)
		hash_add(&h, matched, strlen(matched) + 1, NULL, 0);
	hash_get(&h, out);
}
