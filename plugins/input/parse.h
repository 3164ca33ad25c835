/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_PARSE_H
#define SHELLAC_INPUT_PARSE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Lines of others become events: fields of Elastic Common Schema where there are such, all
 * else below a name of the format's own.
 */
enum parse_format { PARSE_TEXT, PARSE_JSON, PARSE_NFTABLES, PARSE_AUDIT };

#define PARSE_EVENT_MAX 32768 /* bytes of an event */
#define PARSE_FIELDS_MAX 128  /* of a line; more are left in its message alone */

/* The format of this name, or -1. */
int parse_format(const char *name);

/* A new event, which the caller frees, without LF: at most PARSE_EVENT_MAX bytes of JSON, all
 * ASCII.  What is not UTF-8 is U+FFFD in it.  left_out: bytes that the line had more.  Where
 * it would become too long, what was understood or the end of its text is left out, and
 * "truncated" says so.  NULL without memory. */
char *parse_line(enum parse_format format, const char *line, size_t len, size_t left_out);

/* One each for a format, into a new event that has the text already.  0: understood; 1: it is
 * no such line; -ENOMEM. */
int parse_nftables(json_t *event, const char *line, size_t len);
int parse_trace(json_t *event, const char *line, size_t len);
int parse_audit(json_t *event, const char *line, size_t len);

/* Sets a field, as "source.ip", of an event, where it has none yet; text of len bytes,
 * hostile.  0 or -ENOMEM. */
int parse_set(json_t *event, const char *field, const char *text, size_t len);
/* The same with a number, where the text is one of at most max; else nothing. */
int parse_set_number(json_t *event, const char *field, const char *text, size_t len,
    unsigned long long max);
/* With a value that becomes the event's.  NULL is -ENOMEM. */
int parse_set_value(json_t *event, const char *field, json_t *value);

/* The next word, up to a blank: 1, or 0 at the end.  *at moves on. */
int parse_word(const char *line, size_t len, size_t *at, const char **word, size_t *word_len);

#endif
