/* SPDX-License-Identifier: ISC */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <errno.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "utf8.h"

/* Steps for a place where a match may begin, and for all places of a line together. */
#define STEPS_MIN 500
#define STEPS_MAX 500000
#define STEPS_LINE 20000000
#define DEPTH_MAX 5000
#define HEAP_MAX_KB 4096
#define STACK_MIN 32768
#define STACK_MAX 524288

struct pattern {
	char *text;
	size_t len;
	unsigned flags;
	/* none of the following for a literal that keeps case */
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;
};

static int compile(struct pattern *p, char why[PATTERN_WHY])
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	PCRE2_UCHAR said[160];
	PCRE2_SIZE where = 0;
	int error = 0;

	options |= p->flags & PATTERN_NOCASE ? PCRE2_CASELESS : 0;
	options |= p->flags & PATTERN_REGEX ? PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C : PCRE2_LITERAL;
	p->code = pcre2_compile((PCRE2_SPTR)p->text, p->len, options, &error, &where, NULL);
	if (p->code != NULL)
		return 0;
	if (pcre2_get_error_message(error, said, sizeof said) < 0)
		snprintf((char *)said, sizeof said, "error %d", error);
	snprintf(why, PATTERN_WHY, "%s, at character %zu", (char *)said, (size_t)where + 1);
	return E_FORMAT;
}

/* Without JIT, where the system forbids it, it is slower and finds the same. */
static int prepare(struct pattern *p)
{
	(void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	p->match = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	p->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
	if (p->match == NULL || p->limits == NULL || p->stack == NULL)
		return -ENOMEM;
	pcre2_jit_stack_assign(p->limits, NULL, p->stack);
	pcre2_set_depth_limit(p->limits, DEPTH_MAX);
	pcre2_set_heap_limit(p->limits, HEAP_MAX_KB);
	return 0;
}

/* Where what is no UTF-8 begins, or len. */
static size_t well_formed(const char *text, size_t len)
{
	size_t at = 0;
	uint32_t cp;
	int n;

	while (at < len && (n = utf8_next((const uint8_t *)text + at, len - at, &cp)) > 0)
		at += (size_t)n;
	return at;
}

static int check(const struct pattern *p, char why[PATTERN_WHY])
{
	size_t valid;

	if (p->len == 0 || p->len > PATTERN_MAX) {
		snprintf(why, PATTERN_WHY, p->len == 0 ? "it is empty" :
		    "it is longer than %d bytes", PATTERN_MAX);
		return E_FORMAT;
	}
	valid = well_formed(p->text, p->len);
	if (valid == p->len)
		return 0;
	snprintf(why, PATTERN_WHY, "it is not UTF-8, at byte %zu", valid + 1);
	return E_FORMAT;
}

int pattern_new(struct pattern **out, const char *text, unsigned flags, char why[PATTERN_WHY])
{
	struct pattern *p = calloc(1, sizeof *p);
	int r;

	snprintf(why, PATTERN_WHY, "no memory");
	if (p == NULL)
		return -ENOMEM;
	p->flags = flags;
	p->len = strlen(text);
	p->text = strdup(text);
	r = p->text == NULL ? -ENOMEM : check(p, why);
	if (r == 0 && flags != 0 && (r = compile(p, why)) == 0)
		r = prepare(p);
	if (r != 0) {
		pattern_free(p);
		return r;
	}
	*out = p;
	return 0;
}

void pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_code_free(p->code);
	pcre2_match_data_free(p->match);
	pcre2_match_context_free(p->limits);
	pcre2_jit_stack_free(p->stack);
	free(p->text);
	free(p);
}

static int find_literal(const struct pattern *p, const char *line, size_t line_len, size_t from,
    size_t *at, size_t *len)
{
	const char *hit = memmem(line + from, line_len - from, p->text, p->len);

	if (hit == NULL)
		return 0;
	*at = (size_t)(hit - line);
	*len = p->len;
	return 1;
}

/* The limit holds for each place where a match may begin, so long lines get a lower one. */
static uint32_t steps(size_t line_len)
{
	size_t n = STEPS_LINE / (line_len + 1);

	return n < STEPS_MIN ? STEPS_MIN : n > STEPS_MAX ? STEPS_MAX : (uint32_t)n;
}

int pattern_find(const struct pattern *p, const char *line, size_t line_len, size_t from,
    size_t *at, size_t *len)
{
	const PCRE2_SIZE *place;
	int r;

	if (p->code == NULL)
		return find_literal(p, line, line_len, from, at, len);
	if (line_len > PATTERN_LINE_MAX)
		return E_RANGE;
	while (from < line_len && (line[from] & 0xc0) == 0x80)
		from++; /* no character begins there */
	pcre2_set_match_limit(p->limits, steps(line_len));
	r = pcre2_match(p->code, (PCRE2_SPTR)line, line_len, from, 0, p->match, p->limits);
	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	if (r < 0)
		return r == PCRE2_ERROR_NOMEMORY ? -ENOMEM : E_RANGE;
	place = pcre2_get_ovector_pointer(p->match);
	if (place[1] < place[0]) /* \K in an assertion */
		return E_RANGE;
	*at = place[0];
	*len = place[1] - place[0];
	return 1;
}

const char *pattern_text(const struct pattern *p)
{
	return p->text;
}

unsigned pattern_flags(const struct pattern *p)
{
	return p->flags;
}
