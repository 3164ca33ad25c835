/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

#include "sessions/duration.h"
#include "sessions/session_find.h"
#include "sessions/sessions_internal.h"
#include "words/date.h"
#include "words/options.h"
#include "words/word.h"

static int read_group(void *ctx, const char *text, void **value)
{
	const struct sessions *x = ctx;

	return word_group(text, x != NULL && x->a->control[0] != '\0', value);
}

static int read_status(void *ctx, const char *text, void **value)
{
	int s;

	for (s = STATUS_COMPLETE; s <= STATUS_TAMPERED; s++)
		if (strcasecmp(text, verdict_word((enum verdict_status)s)) == 0)
			return word_read(ctx, text, value);
	return -EINVAL;
}

static int read_level(void *ctx, const char *text, void **value)
{
	unsigned long long v;
	int r = opt_number(text, 3, &v);

	return r != 0 ? r : word_read(ctx, text, value);
}

static int read_duration(void *ctx, const char *text, void **value)
{
	uint64_t *ns = malloc(sizeof *ns);
	int r;

	(void)ctx;
	if (ns == NULL)
		return -ENOMEM;
	r = duration_parse(text, ns);
	if (r != 0)
		free(ns);
	else
		*value = ns;
	return r;
}

static int test_user(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->have_cert && ((w->is_number && w->number == r->uid) ||
	    strcmp(r->user, w->text) == 0);
}

/* One of the names in "root,bob" */
static int test_runas(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;
	size_t len = strlen(w->text);
	const char *at = r->as;

	(void)ctx;
	for (;;) {
		size_t n = strcspn(at, ",");

		if (n == len && n > 0 && memcmp(at, w->text, n) == 0)
			return 1;
		if (at[n] == '\0')
			return 0;
		at += n + 1;
	}
}

static int test_host(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return fnmatch(w->text, r->host, 0) == 0;
}

static int test_tty(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;
	const char *tty = strncmp(r->tty, "/dev/", 5) == 0 ? r->tty + 5 : r->tty;

	(void)ctx;
	return strcmp(tty, w->text) == 0;
}

static int test_from(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return fnmatch(w->text, r->from, 0) == 0;
}

static int test_cwd(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return strcmp(r->cwd, w->text) == 0;
}

static int test_fromdate(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const int64_t *ns = value;

	(void)ctx;
	return r->have_cert && r->start_ns >= *ns;
}

static int test_todate(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const int64_t *ns = value;

	(void)ctx;
	return r->have_cert && r->start_ns <= *ns;
}

static int test_group(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->have_cert && r->gid == w->number;
}

static int test_status(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return strcasecmp(verdict_word(r->status), w->text) == 0;
}

static int test_level(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->level >= (int)w->number;
}

static int test_exit(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->exited && WIFEXITED(r->wait_status) &&
	    (unsigned)WEXITSTATUS(r->wait_status) == w->number;
}

static int test_longer(void *ctx, const void *subject, const void *value)
{
	const struct session_row *r = subject;
	const uint64_t *ns = value;

	(void)ctx;
	return r->length_ns > *ns;
}

static const struct predicate predicates[] = {
	{ "user", WORD_WANTS_USER, word_read, test_user, free },
	{ "runas", "a user's name, or the number of one without", word_read, test_runas, free },
	{ "host", "a host's name, * for any part", word_read, test_host, free },
	{ "tty", WORD_WANTS_TTY, word_read_tty, test_tty, free },
	{ "command", "an extended regular expression", session_find_command, session_has_command,
	    session_find_free },
	{ "cwd", "a folder", word_read, test_cwd, free },
	{ "fromdate", DATE_WORDS, word_read_date, test_fromdate, free },
	{ "todate", DATE_WORDS, word_read_date, test_todate, free },
	{ "group", WORD_WANTS_GROUP, read_group, test_group, free },
	{ "from", "where it came from, * for any part", word_read, test_from, free },
	{ "status", "complete, live, cut, unsealed, purged, uncertified, torn or tampered",
	    read_status, test_status, free },
	{ "level", "a number from 0 to 3", read_level, test_level, free },
	{ "contains", "a text that was on its screen", session_find_text, session_has_text,
	    session_find_free },
	{ "exit", "an exit status", word_read_number, test_exit, free },
	{ "longer", DURATION_WORDS, read_duration, test_longer, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

int sessions_expression(struct expression **out, struct sessions *x, int argc,
    char *const *argv, char why[EXPRESSION_WHY])
{
	return expression_parse(out, predicates, x, argc, argv, why);
}

static void note_required(void *arg, const struct predicate *p, const void *value)
{
	struct fleet_narrow *n = arg;
	const struct word *w = value;
	const int64_t *ns = value;

	if (p->test == test_user) {
		n->user = w->text;
		n->has_uid = w->is_number;
		n->uid = (uint32_t)w->number;
	} else if (p->test == test_fromdate && *ns > n->from_ns) {
		n->from_ns = *ns;
	} else if (p->test == test_todate && *ns < n->to_ns) {
		n->to_ns = *ns;
	}
}

int session_asked_read(struct session_asked *out, int argc, char *const *argv,
    char why[EXPRESSION_WHY])
{
	int r;

	*out = (struct session_asked){ .narrow = { .from_ns = INT64_MIN, .to_ns = INT64_MAX } };
	r = expression_parse(&out->only, predicates, NULL, argc, argv, why);
	if (r == 0)
		expression_required(out->only, note_required, &out->narrow);
	return r;
}

void session_asked_release(struct session_asked *x)
{
	expression_free(x->only);
	x->only = NULL;
}

int session_asked_narrows(const struct session_asked *x)
{
	return x->narrow.user != NULL || x->narrow.from_ns != INT64_MIN ||
	    x->narrow.to_ns != INT64_MAX;
}

/* What is known of predicates where only the host is: its name. */
static int known_host(void *name, const struct predicate *p, const void *value)
{
	const struct word *w = value;

	return p->test == test_host ? fnmatch(w->text, name, 0) == 0 : EXPRESSION_OPEN;
}

int session_asked_host(const struct session_asked *x, const char *name)
{
	return expression_partial(x->only, known_host, (void *)(uintptr_t)name) != 0;
}
