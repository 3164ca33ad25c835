/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "timeline/timeline.h"
#include "words/date.h"
#include "words/word.h"

/* A kind that there is none of would find nothing, as if nothing had happened. */
static int read_kind(void *ctx, const char *text, void **value)
{
	static const char *const kinds[] = { "session-start", "session-end", "process", "watch",
		"unrecorded", "unrecorded-end", "gap", "gap-over", "recording-gap", "failure",
		"failure-over", "review", "access", "purge", "configuration", "clock", "key",
		"recovered", "collector-start", "ledger-begin", "input", "rule-hit" };
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(text, kinds[i]) == 0)
			return word_read(ctx, text, value);
	return -EINVAL;
}

static int test_kind(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return strcmp(((const struct timeline_row *)subject)->kind,
	    ((const struct word *)value)->text) == 0;
}

static int test_source(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return strcmp(((const struct timeline_row *)subject)->source,
	    ((const struct word *)value)->text) == 0;
}

static int test_session(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return ((const struct timeline_row *)subject)->session ==
	    ((const struct word *)value)->number;
}

static int test_user(void *ctx, const void *subject, const void *value)
{
	const struct timeline_row *r = subject;

	(void)ctx;
	return r->user != NULL && strcmp(r->user, ((const struct word *)value)->text) == 0;
}

static int read_pattern(void *ctx, const char *text, void **value)
{
	char why[PATTERN_WHY];
	struct pattern *p;
	int r = pattern_new(&p, text, PATTERN_REGEX, why);

	(void)ctx;
	if (r == 0)
		*value = p;
	return r;
}

static void free_pattern(void *value)
{
	pattern_free(value);
}

/* What takes too much work is not decided, and shown. */
static int test_text(void *ctx, const void *subject, const void *value)
{
	const struct timeline_row *r = subject;
	size_t at, len;

	(void)ctx;
	if (r->json != NULL && pattern_find(value, r->json, r->json_len, 0, &at, &len) != 0)
		return 1;
	return pattern_find(value, r->text, strlen(r->text), 0, &at, &len) != 0;
}

static int test_from(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return ((const struct timeline_row *)subject)->wall_ns >= *(const int64_t *)value;
}

static int test_to(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return ((const struct timeline_row *)subject)->wall_ns <= *(const int64_t *)value;
}

/* Rows are of one host. */
static int test_host(void *ctx, const void *subject, const void *value)
{
	const struct timeline *t = ctx;

	(void)subject;
	return t->host != NULL && strcmp(t->host, ((const struct word *)value)->text) == 0;
}

static const struct predicate table[] = {
	{ "kind", "one of the kinds in shellac(1), as process or input", read_kind, test_kind, free },
	{ "source", "sessions, processes, coverage, ledger, or a plugin's name", word_read, test_source,
	    free },
	{ "session", "a session's number, 0 for none", word_read_number, test_session, free },
	{ "user", "a user's name", word_read, test_user, free },
	{ "text", "an extended regular expression", read_pattern, test_text, free_pattern },
	{ "host", "a host of a fleet", word_read, test_host, free },
	{ "fromdate", DATE_WORDS, word_read_date, test_from, free },
	{ "todate", DATE_WORDS, word_read_date, test_to, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

int timeline_words(struct timeline *t, int argc, char *const *argv, char why[EXPRESSION_WHY])
{
	return expression_parse(&t->only, table, t, argc, argv, why);
}

struct wanted {
	const char *host;
	int some;
};

static void note_required(void *arg, const struct predicate *p, const void *value)
{
	struct wanted *w = arg;

	if (p->test == test_host)
		w->host = ((const struct word *)value)->text;
}

static int note_any(void *arg, const struct predicate *p, const void *value)
{
	struct wanted *w = arg;

	(void)value;
	w->some |= p->test == test_host;
	return EXPRESSION_OPEN;
}

const char *timeline_wanted_host(const struct timeline *t, int *some)
{
	struct wanted w = { .host = NULL };

	*some = 0;
	if (t->only == NULL)
		return NULL;
	expression_required(t->only, note_required, &w);
	(void)expression_partial(t->only, note_any, &w);
	*some = w.some;
	return w.host;
}
