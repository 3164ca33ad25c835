/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procs/procs.h"
#include "store/select.h"
#include "words/date.h"
#include "words/options.h"
#include "words/word.h"

#define COMMAND_TEXT (2 * EXEC_TEXT_MAX)

/* What the kernel's record alone does not say, or not as exactly. */
static int read_folder(void *ctx, const char *text, void **value)
{
	struct procs_filter *f = ctx;

	f->wants_exec = 1;
	return word_read(ctx, text, value);
}

static int read_tty(void *ctx, const char *text, void **value)
{
	struct procs_filter *f = ctx;

	f->wants_exec = 1;
	return word_read_tty(ctx, text, value);
}

static int read_group(void *ctx, const char *text, void **value)
{
	const struct procs_filter *f = ctx;

	return word_group(text, f->local, value);
}

/* What the certificate of the newest session says. */
static void find_host(const struct store *s, char *host, size_t size)
{
	struct cert cert;

	host[0] = '\0';
	if (s != NULL && s->sessions > 0 &&
	    procs_session(s, &s->session[s->sessions - 1], &cert) == 0)
		snprintf(host, size, "%s", cert.host);
}

static int read_host(void *ctx, const char *text, void **value)
{
	struct procs_filter *f = ctx;

	if (f->fleet)
		return word_read(ctx, text, value);
	find_host(f->store, f->host_name, sizeof f->host_name);
	return f->host_name[0] != '\0' ? word_read(ctx, text, value) : -ENOENT;
}

/* "db1/12", or "12" of whichever host */
static int read_fleet_session(void *ctx, const char *text, void **value)
{
	const char *slash = strrchr(text, '/');
	unsigned long long n;
	int r = opt_number(slash != NULL ? slash + 1 : text, INT64_MAX, &n);

	if (r == 0 && (r = word_read(ctx, text, value)) == 0)
		((struct word *)*value)->number = n;
	return r;
}

/* Can a session that is written so be of that host? */
static int is_session_of(const struct word *w, const char *host)
{
	const char *slash = strrchr(w->text, '/');
	size_t len = strlen(host);

	return slash == NULL || ((size_t)(slash - w->text) == len && memcmp(w->text, host, len) == 0);
}

static int read_session(void *ctx, const char *text, void **value)
{
	const struct procs_filter *f = ctx;
	struct word *w;
	long other, i;
	int r;

	if (f->fleet)
		return read_fleet_session(ctx, text, value);
	r = word_read(ctx, text, value);

	if (r != 0)
		return r;
	w = *value;
	if (w->is_number)
		return 0;
	i = f->store != NULL ? select_session(f->store, text, &other) : SELECT_NONE;
	if (i < 0) {
		free(w);
		return -EINVAL;
	}
	w->number = f->store->session[i].name.n;
	return 0;
}

static int read_pattern(void *ctx, const char *text, void **value)
{
	struct procs_filter *f = ctx;
	regex_t *re = malloc(sizeof *re);

	f->wants_exec = 1;
	if (re == NULL)
		return -ENOMEM;
	if (regcomp(re, text, REG_EXTENDED | REG_NOSUB) != 0) {
		free(re);
		return -EINVAL;
	}
	*value = re;
	return 0;
}

static void release_pattern(void *value)
{
	regfree(value);
	free(value);
}

static int is_user(const struct procs_filter *f, const struct word *w, uint32_t uid)
{
	const char *name;

	if (w->is_number && w->number == uid)
		return 1;
	name = users_name(f->host->users, uid);
	return name != NULL && strcmp(name, w->text) == 0;
}

static int test_user(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;

	return is_user(ctx, value, r->acct->uid);
}

static int test_group(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->acct->gid == w->number;
}

static int test_tty(void *ctx, const void *subject, const void *value)
{
	const struct word *w = value;
	char name[TTY_NAME_SIZE];

	(void)ctx;
	return strcmp(procs_tty(name, subject), w->text) == 0;
}

static int test_host(void *ctx, const void *subject, const void *value)
{
	const struct procs_filter *f = ctx;
	const struct word *w = value;

	(void)subject;
	return fnmatch(w->text, f->fleet ? f->host->name : f->host_name, 0) == 0;
}

static int test_cwd(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->exec != NULL && r->exec->cwd != NULL && strcmp(r->exec->cwd, w->text) == 0;
}

/* The arguments with blanks between them */
static int matches_args(const regex_t *re, const struct procs_exec *e)
{
	char line[COMMAND_TEXT];
	size_t i, len = (e->args_len < sizeof line ? e->args_len : sizeof line) - 1;

	for (i = 0; i < len; i++)
		line[i] = e->args[i] != '\0' ? e->args[i] : ' ';
	line[len] = '\0';
	return regexec(re, line, 0, NULL, 0) == 0;
}

static int test_command(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct procs_exec *e = r->exec;

	(void)ctx;
	if (regexec(value, r->acct->comm, 0, NULL, 0) == 0)
		return 1;
	if (e == NULL)
		return 0;
	return (e->exe != NULL && regexec(value, e->exe, 0, NULL, 0) == 0) ||
	    (e->args != NULL && e->args_len > 0 && matches_args(value, e));
}

static int test_session(void *ctx, const void *subject, const void *value)
{
	const struct procs_filter *f = ctx;
	const struct procs_row *r = subject;
	const struct word *w = value;

	return (r->record != NULL ? r->record->session : 0) == w->number &&
	    (!f->fleet || is_session_of(w, f->host->name));
}

static int test_pid(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->acct->pid == w->number;
}

static int test_exit(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct word *w = value;
	int st = (int)r->acct->status;

	(void)ctx;
	return !r->running && WIFEXITED(st) && (unsigned)WEXITSTATUS(st) == w->number;
}

static int test_origin(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const struct word *w = value;

	(void)ctx;
	return r->record != NULL && r->record->origin != ORIGIN_NOT_SAID &&
	    strcmp(process_origin_name(r->record->origin), w->text) == 0;
}

static int test_from(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const int64_t *ns = value;

	(void)ctx;
	return r->start_ns >= *ns;
}

static int test_to(void *ctx, const void *subject, const void *value)
{
	const struct procs_row *r = subject;
	const int64_t *ns = value;

	(void)ctx;
	return r->start_ns <= *ns;
}

static const struct predicate predicates[] = {
	{ "user", WORD_WANTS_USER, word_read, test_user, free },
	{ "runas", WORD_WANTS_USER, word_read, test_user, free },
	{ "command", "an extended regular expression", read_pattern, test_command,
	    release_pattern },
	{ "tty", WORD_WANTS_TTY, read_tty, test_tty, free },
	{ "group", WORD_WANTS_GROUP, read_group, test_group, free },
	{ "cwd", "a folder", read_folder, test_cwd, free },
	{ "host", "a host's name, * for any part, in a store that has sessions", read_host, test_host, free },
	{ "fromdate", DATE_WORDS, word_read_date, test_from, free },
	{ "todate", DATE_WORDS, word_read_date, test_to, free },
	{ "session", "a session of this store, in a fleet HOST/N, 0 for none", read_session, test_session, free },
	{ "pid", "a process id", word_read_number, test_pid, free },
	{ "exit", "an exit status", word_read_number, test_exit, free },
	{ "origin", "sshd, cron or another origin", word_read, test_origin, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

static void note_required(void *arg, const struct predicate *p, const void *value)
{
	struct procs_filter *f = arg;
	const struct word *w = value;
	const int64_t *ns = value;

	if (p->test == test_user)
		f->user = value;
	else if (p->test == test_command)
		f->command = value;
	else if (p->test == test_session && f->session == 0)
		f->asked_session = w->number;
	else if (p->test == test_from && *ns > f->from_ns)
		f->from_ns = *ns;
	else if (p->test == test_to && *ns < f->to_ns)
		f->to_ns = *ns;
}

int procs_filter_words(struct procs_filter *f, int argc, char *const *argv,
    char why[EXPRESSION_WHY])
{
	int r;

	f->from_ns = INT64_MIN;
	f->to_ns = INT64_MAX;
	if (argc == 0)
		return 0;
	r = expression_parse(&f->only, predicates, f, argc, argv, why);
	if (r != 0)
		return r;
	expression_required(f->only, note_required, f);
	return 0;
}

static int is_asked_for(void *ctx, uint32_t uid)
{
	const struct procs_filter *f = ctx;

	return is_user(f, f->user, uid);
}

static int is_command(void *ctx, const char *comm)
{
	const struct procs_filter *f = ctx;

	return regexec(f->command, comm, 0, NULL, 0) == 0;
}

int procs_filter_query(struct procs_filter *f, struct process_index_query *q)
{
	q->uid = f->user != NULL ? is_asked_for : NULL;
	q->comm = f->command != NULL ? is_command : NULL;
	q->ctx = f;
	q->session = f->session != 0 ? f->session : f->asked_session;
	q->from_ns = f->from_ns;
	q->to_ns = f->to_ns;
	return q->uid != NULL || q->comm != NULL || q->session != 0 || q->from_ns != INT64_MIN ||
	    q->to_ns != INT64_MAX;
}

/* What is known of predicates where only the host is: its name. */
static int known_host(void *name, const struct predicate *p, const void *value)
{
	const struct word *w = value;

	if (p->test == test_host)
		return fnmatch(w->text, name, 0) == 0;
	if (p->test == test_session && !is_session_of(w, name))
		return 0;
	return EXPRESSION_OPEN;
}

int procs_filter_host(const struct procs_filter *f, const char *name)
{
	return f->only == NULL || expression_partial(f->only, known_host, (void *)(uintptr_t)name) != 0;
}
