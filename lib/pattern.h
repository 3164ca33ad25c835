/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PATTERN_H
#define SHELLAC_PATTERN_H

#include <stddef.h>

/* What is searched for in a line of UTF-8 text: literal, or a regular expression (PCRE2,
 * which takes what grep -E does).  Used by one thread at a time. */
#define PATTERN_REGEX 1u
#define PATTERN_NOCASE 2u
#define PATTERN_WHY 256
#define PATTERN_MAX 4096          /* bytes of a pattern */
#define PATTERN_LINE_MAX 1048576  /* bytes of a line that a regular expression is held against */

struct pattern;

/* 0; -ENOMEM; E_FORMAT: why says what is wrong with it and where (it may hold bytes of the
 * pattern as they are).  An empty pattern is wrong. */
int pattern_new(struct pattern **out, const char *text, unsigned flags, char why[PATTERN_WHY]);
void pattern_free(struct pattern *p); /* NULL is fine */

/* The first place at or behind from, which is at most line_len: 1, *at and *len (may be 0)
 * in bytes; 0 none; a negative code when a bound on work was met (E_RANGE): the caller says
 * so.  Hostile lines are fine, those that are not UTF-8 too. */
int pattern_find(const struct pattern *p, const char *line, size_t line_len, size_t from,
    size_t *at, size_t *len);

/* As it was given, and its flags. */
const char *pattern_text(const struct pattern *p);
unsigned pattern_flags(const struct pattern *p);

#endif
