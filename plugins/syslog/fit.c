/* SPDX-License-Identifier: ISC */
#include "fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "utf8.h"

/* bytes of texts: of the whole event, and of what tells it, where each may need six */
static const size_t limits[] = {1024, 256, 64}, last_limits[] = {64, 16};

#define ESCAPED_MAX 16

/* Writes cp as JSON would in a text; its length. */
static size_t put_escaped(char out[ESCAPED_MAX], uint32_t cp)
{
	int n;

	if (cp < 0x20) /* between values: JSON has none within */
		n = snprintf(out, ESCAPED_MAX, " ");
	else if (cp < 0x10000)
		n = snprintf(out, ESCAPED_MAX, "\\u%04x", cp);
	else
		n = snprintf(out, ESCAPED_MAX, "\\u%04x\\u%04x", 0xd7c0 + (cp >> 10),
		    0xdc00 + (cp & 0x3ff));
	return (size_t)n;
}

/* The length of the valid JSON at p with all made printable, or 0 where room is too small. */
static size_t put_json(char *out, size_t room, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + len;
	char one[ESCAPED_MAX];
	size_t pos = 0, k;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0)
			return 0;
		k = escape_printable(cp) ? (size_t)n : put_escaped(one, cp);
		if (k > room - pos)
			return 0;
		memcpy(out + pos, escape_printable(cp) ? (const void *)p : one, k);
		pos += k;
	}
	return pos;
}

static size_t put_value(char *out, size_t room, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	size_t n = text != NULL ? put_json(out, room, text, strlen(text)) : 0;

	free(text);
	return n;
}

static int mark(json_t *event)
{
	json_t *ours = json_object_get(event, "shellac");

	if (!json_is_object(ours)) {
		ours = json_object();
		if (json_object_set_new(event, "shellac", ours) != 0)
			return -1;
	}
	return json_object_set_new(ours, "truncated", json_true());
}

/* A text of at most max bytes of text, cut between characters. */
static json_t *cut_text(const json_t *text, size_t max)
{
	const char *s = json_string_value(text);
	size_t n = json_string_length(text), end = max - 3;
	json_t *cut;
	char *t;

	if (n <= max)
		return json_stringn(s, n);
	while (end > 0 && ((unsigned char)s[end] & 0xc0) == 0x80)
		end--;
	t = malloc(end + 3);
	if (t == NULL)
		return NULL;
	memcpy(t, s, end);
	memcpy(t + end, "...", 3);
	cut = json_stringn(t, end + 3);
	free(t);
	return cut;
}

/* A copy with texts of at most max bytes and lists of at most max / 16 members. */
static json_t *cut_value(const json_t *v, size_t max)
{
	json_t *copy, *member;
	const char *key;
	size_t i;

	if (json_is_string(v))
		return cut_text(v, max);
	if (json_is_array(v)) {
		copy = json_array();
		for (i = 0; i < json_array_size(v) && i < max / 16; i++)
			json_array_append_new(copy, cut_value(json_array_get(v, i), max));
		return copy;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	copy = json_object();
	/* jansson's iterators have no const */
	json_object_foreach((json_t *)(uintptr_t)v, key, member)
		json_object_set_new_nocheck(copy, key, cut_value(member, max));
	return copy;
}

/* Copies object.key of from, where it is a text, a number or a truth. */
static void keep(json_t *to, const json_t *from, const char *object, const char *key,
    size_t max)
{
	const json_t *v = json_object_get(from, object);
	json_t *in = json_object_get(to, object);

	if (key != NULL)
		v = json_object_get(v, key);
	if (v == NULL || json_is_object(v) || json_is_array(v))
		return;
	if (key != NULL && in == NULL) {
		in = json_object();
		json_object_set_new(to, object, in);
	}
	json_object_set_new(key != NULL ? in : to, key != NULL ? key : object,
	    cut_value(v, max));
}

static json_t *skeleton(const json_t *event, size_t max)
{
	const json_t *session = json_object_get(json_object_get(event, "shellac"), "session");
	json_t *s = json_object(), *part = json_object();

	keep(s, event, "@timestamp", NULL, max);
	keep(s, event, "event", "id", max);
	keep(s, event, "event", "sequence", max);
	keep(s, event, "event", "action", max);
	keep(s, event, "event", "kind", max);
	keep(s, event, "host", "name", max);
	keep(s, event, "host", "id", max);
	keep(s, event, "user", "name", max);
	keep(s, event, "shellac", "schema", max);
	keep(s, event, "shellac", "source", max);
	keep(part, session, "id", NULL, max);
	keep(part, session, "n", NULL, max);
	if (mark(s) != 0)
		json_decref(part);
	else
		json_object_set_new(json_object_get(s, "shellac"), "session", part);
	return s;
}

/* Without the values that are long most often. */
static size_t put_shorter(char *out, size_t room, json_t *event)
{
	static const char *const first[] = {"args", "command_line", "parent"};
	json_t *process = json_object_get(event, "process");
	size_t i, n = 0;

	for (i = 0; n == 0 && i < sizeof(first) / sizeof(first[0]); i++)
		if (json_object_del(process, first[i]) == 0)
			n = put_value(out, room, event);
	return n;
}

size_t fit_event(char *out, size_t room, const struct feed_event *e)
{
	size_t n = put_json(out, room, e->line, e->len), i;
	json_t *copy, *cut;

	if (n > 0)
		return n;
	copy = json_deep_copy(e->json);
	if (mark(copy) == 0)
		n = put_shorter(out, room, copy);
	for (i = 0; n == 0 && i < sizeof(limits) / sizeof(limits[0]); i++) {
		cut = cut_value(copy, limits[i]);
		n = put_value(out, room, cut);
		json_decref(cut);
	}
	for (i = 0; n == 0 && i < sizeof(last_limits) / sizeof(last_limits[0]); i++) {
		cut = skeleton(copy, last_limits[i]);
		n = put_value(out, room, cut);
		json_decref(cut);
	}
	json_decref(copy);
	return n;
}
