/* SPDX-License-Identifier: ISC */
#include "parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define NAME_MAX_LEN 64
#define NUMBER_MAX_LEN 20

int parse_format(const char *name)
{
	static const char *const names[] = {"text", "json", "nftables", "audit"};

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int parse_set_value(json_t *event, const char *field, json_t *value)
{
	const char *dot;
	char name[NAME_MAX_LEN];
	json_t *below;

	while ((dot = strchr(field, '.')) != NULL) {
		memcpy(name, field, (size_t)(dot - field));
		name[dot - field] = '\0';
		below = json_object_get(event, name);
		if (below == NULL) {
			below = json_object();
			if (json_object_set_new(event, name, below) != 0) {
				json_decref(value);
				return -ENOMEM;
			}
		}
		event = below;
		field = dot + 1;
	}
	if (value != NULL && json_object_get(event, field) != NULL) {
		json_decref(value);
		return 0;
	}
	return json_object_set_new(event, field, value) != 0 ? -ENOMEM : 0;
}

int parse_set(json_t *event, const char *field, const char *text, size_t len)
{
	char *clean = utf8_from_bytes((const uint8_t *)text, len);
	json_t *value = clean != NULL ? json_string_nocheck(clean) : NULL;

	free(clean);
	return parse_set_value(event, field, value);
}

int parse_set_number(json_t *event, const char *field, const char *text, size_t len,
    unsigned long long max)
{
	char digits[NUMBER_MAX_LEN + 1];
	unsigned long long v;

	if (len == 0 || len > NUMBER_MAX_LEN)
		return 0;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (strspn(digits, "0123456789") < len)
		return 0;
	errno = 0;
	v = strtoull(digits, NULL, 10);
	if (errno != 0 || v > max)
		return 0;
	return parse_set_value(event, field, json_integer((json_int_t)v));
}

int parse_word(const char *line, size_t len, size_t *at, const char **word, size_t *word_len)
{
	size_t i = *at;

	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	*word = line + i;
	while (i < len && line[i] != ' ' && line[i] != '\t')
		i++;
	*word_len = (size_t)(line + i - *word);
	*at = i;
	return *word_len > 0;
}

/* NULL: it is none, or no memory. */
static json_t *read_json(const char *line, size_t len)
{
	json_t *event = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(event))
		return event;
	json_decref(event);
	return NULL;
}

/* The event of a line with so much of its text, without what it means.  NULL without
 * memory. */
static json_t *text_event(const char *line, size_t len, int truncated)
{
	json_t *event = json_object();

	if (event == NULL || parse_set(event, "message", line, len) != 0 ||
	    (truncated && parse_set_value(event, "truncated", json_true()) != 0)) {
		json_decref(event);
		return NULL;
	}
	return event;
}

static json_t *make(enum parse_format format, const char *line, size_t len, int truncated)
{
	json_t *event;
	int r = 0;

	if (format == PARSE_JSON && !truncated && (event = read_json(line, len)) != NULL)
		return event;
	event = text_event(line, len, truncated);
	if (event == NULL)
		return NULL;
	if (format == PARSE_NFTABLES && (r = parse_nftables(event, line, len)) == 1)
		r = parse_trace(event, line, len);
	else if (format == PARSE_AUDIT)
		r = parse_audit(event, line, len);
	else if (format == PARSE_JSON)
		r = 1;
	if (r == 1)
		r = parse_set_value(event, "unparsed", json_true());
	if (r >= 0)
		return event;
	json_decref(event);
	return NULL;
}

static char *dump(json_t *event)
{
	char *text = event != NULL ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(event);
	return text;
}

char *parse_line(enum parse_format format, const char *line, size_t len, size_t left_out)
{
	char *text = dump(make(format, line, len, left_out > 0));

	/* a character is six bytes at most, so this ends soon */
	while (text != NULL && strlen(text) > PARSE_EVENT_MAX) {
		free(text);
		text = dump(text_event(line, len, 1));
		len /= 2;
	}
	return text;
}
