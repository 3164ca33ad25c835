/* SPDX-License-Identifier: ISC */
#include "session_find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "pattern.h"
#include "procs/process_walk.h"
#include "screen/transcript.h"
#include "sessions_internal.h"

enum { HAS_UNKNOWN, HAS_NOT, HAS };

/* A value: which sessions have it is found when the first is asked about. */
struct find {
	struct pattern *pattern;
	uint8_t *has;     /* of each row, NULL: not looked yet; of a text HAS_ */
	struct sessions *x;
};

static struct find *find_new(struct sessions *x)
{
	struct find *f = calloc(1, sizeof *f);

	if (f != NULL)
		f->x = x;
	return f;
}

void session_find_free(void *value)
{
	struct find *f = value;

	if (f == NULL)
		return;
	pattern_free(f->pattern);
	free(f->has);
	free(f);
}

static int matches(const struct find *f, const char *s, size_t len)
{
	size_t at, n;

	return pattern_find(f->pattern, s, len, 0, &at, &n) == 1;
}

static int read_pattern(void *ctx, const char *text, unsigned flags, void **value)
{
	char why[PATTERN_WHY];
	struct find *f = find_new(ctx);
	int r;

	if (f == NULL)
		return -ENOMEM;
	if ((r = pattern_new(&f->pattern, text, flags, why)) != 0) {
		session_find_free(f);
		return r;
	}
	*value = f;
	return 0;
}

int session_find_command(void *ctx, const char *text, void **value)
{
	return read_pattern(ctx, text, PATTERN_REGEX, value);
}

int session_find_text(void *ctx, const char *text, void **value)
{
	return read_pattern(ctx, text, 0, value);
}

static void mark(struct find *f, uint64_t n, const char *s, size_t len)
{
	struct sessions *x = f->x;
	size_t low = sessions_first(x, n);

	if (low == x->count || x->record[low].name.n != n || f->has[low] || !matches(f, s, len))
		return;
	for (; low < x->count && x->record[low].name.n == n; low++)
		f->has[low] = 1;
}

static void take_record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	if (p->session != 0 && p->reason != REASON_RECORDER)
		mark(arg, p->session, r->comm, strlen(r->comm));
}

static void take_exec(void *arg, const struct process_text *t)
{
	const char *exe = process_text_path(t, EXEC_EXE);
	size_t len = 0, i;
	const char *args = process_text_args(t, &len);
	char line[EXEC_TEXT_MAX + 1];

	if (t->record.session == 0 || t->record.reason == REASON_RECORDER)
		return;
	mark(arg, t->record.session, t->exec.comm, strnlen(t->exec.comm, ACCT_COMM));
	if (exe != NULL)
		mark(arg, t->record.session, exe, strlen(exe));
	if (args == NULL || len == 0)
		return;
	for (i = 0; i < len - 1; i++)
		line[i] = args[i] != '\0' ? args[i] : ' ';
	mark(arg, t->record.session, line, len - 1);
}

static int look(struct find *f)
{
	const struct process_walk w = { .record = take_record, .exec = take_exec, .arg = f };
	long r;

	f->has = calloc(f->x->count + 1, 1);
	if (f->has == NULL)
		return -ENOMEM;
	r = process_walk(&f->x->a->store, &w);
	if (r < 0)
		complain("process records: %s; command knows the sessions' own programs alone",
		    err_text((int)r));
	return 0;
}

int session_has_command(void *ctx, const void *subject, const void *value)
{
	/* what was found stays with the value, which is this module's */
	struct find *f = (struct find *)(uintptr_t)value;
	const struct session_row *w = subject;
	struct sessions *x = ctx;

	if (f->has == NULL && look(f) != 0)
		return 0;
	return f->has[sessions_place(x, w)] || matches(f, w->program, strlen(w->program)) ||
	    matches(f, w->args, strlen(w->args));
}

/* Ends the reading with 1 where it is found. */
static int take_line(void *arg, const struct transcript_line *l)
{
	return l->kind != TRANSCRIPT_NOTE && matches(arg, l->text, l->len);
}

/* 1, 0 or negative. */
static int read_text(const struct find *f, struct store_session e)
{
	const struct judge_how how = { .host_pk = auditor_pk(f->x->a) };
	struct transcript *t;
	struct verdict *v = malloc(sizeof *v);
	int r = v == NULL ? -ENOMEM : transcript_new(&t, 1, take_line, (void *)(uintptr_t)f);

	if (r != 0) {
		free(v);
		return r;
	}
	r = shown_session(&f->x->a->store, &e, &how, transcript_event, t, v);
	if (r == 0)
		r = transcript_end(t);
	transcript_free(t);
	free(v);
	return r;
}

int session_has_text(void *ctx, const void *subject, const void *value)
{
	struct find *f = (struct find *)(uintptr_t)value;
	const struct session_row *w = subject;
	struct sessions *x = ctx;
	size_t i = sessions_place(x, w);
	int r;

	if (f->has == NULL && (f->has = calloc(x->count + 1, 1)) == NULL)
		return 0;
	if (f->has[i] == HAS_UNKNOWN) {
		r = read_text(f, *w->entry);
		f->has[i] = r == 1 ? HAS : HAS_NOT;
		if (r < 0) {
			complain("session %llu: %s", (unsigned long long)w->entry->name.n, err_text(r));
			x->cannot++;
		}
	}
	return f->has[i] == HAS;
}
