/* SPDX-License-Identifier: ISC */
#include "search/search_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "escape.h"
#include "store/fleet.h"

#define SAY_AFTER_NS UINT64_C(500000000)
#define SAY_EACH_NS UINT64_C(100000000)

/* Progress, on a terminal, of what takes long. */
static void say_progress(struct run *run)
{
	uint64_t now = clock_mono();

	if (now - run->begun_ns < SAY_AFTER_NS || now - run->said_ns < SAY_EACH_NS ||
	    !isatty(STDERR_FILENO))
		return;
	run->said_ns = now;
	fprintf(stderr, "\rsearched %zu of %zu sessions", (size_t)run->turn, run->sessions);
	fflush(stderr);
}

static void clear_progress(struct run *run)
{
	if (run->said_ns != 0)
		fprintf(stderr, "\r%*s\r", 60, "");
	run->said_ns = 0;
}

static void print(struct run *run, const uint8_t *p, size_t len)
{
	if (len == 0 || run->stop == 2)
		return;
	clear_progress(run);
	if (fwrite(p, 1, len, stdout) != len || fflush(stdout) != 0)
		run->stop = 2;
}

void search_let_go(struct searcher *s)
{
	struct run *run = s->run;

	pthread_mutex_lock(&run->lock);
	while (run->turn != s->i && !run->stop)
		pthread_cond_wait(&run->moved, &run->lock);
	print(run, s->out.buf, s->out.len);
	pthread_mutex_unlock(&run->lock);
	s->out.len = 0;
	s->flushed = 1;
}

static void finish_result(struct run *run, struct run_result *r)
{
	print(run, r->text, r->len);
	if (r->say[0] != '\0') {
		clear_progress(run);
		complain("%s", r->say);
	}
	run->hits += r->hits;
	run->bounded += r->bounded;
	if (r->status != AUDIT_OK && run->status != AUDIT_FINDING)
		run->status = r->status;
	free(r->text);
	memset(r, 0, sizeof *r);
}

/* The session is searched: what it says is printed when it is its turn. */
static void publish(struct searcher *s)
{
	struct run *run = s->run;

	s->result.done = 1;
	s->result.len = s->out.len;
	s->result.text = s->out.len > 0 ? malloc(s->out.len) : NULL;
	if (s->result.text != NULL) {
		memcpy(s->result.text, s->out.buf, s->out.len);
	} else if (s->out.len > 0) {
		s->result.len = 0;
		s->out.error = -ENOMEM;
	}
	if (s->out.error != 0) {
		snprintf(s->result.say, sizeof s->result.say, "session %llu: %s",
		    (unsigned long long)s->head.n, err_text(s->out.error));
		s->result.status = AUDIT_CANNOT;
	}
	pthread_mutex_lock(&run->lock);
	run->result[s->i % RUN_AHEAD] = s->result;
	while (run->result[run->turn % RUN_AHEAD].done) {
		finish_result(run, &run->result[run->turn % RUN_AHEAD]);
		run->turn++;
	}
	say_progress(run);
	pthread_cond_broadcast(&run->moved);
	pthread_mutex_unlock(&run->lock);
}

/* The next session: 1, or 0 when there is none. */
static int next_session(struct searcher *s)
{
	struct run *run = s->run;
	int more;

	pthread_mutex_lock(&run->lock);
	while (!run->stop && run->next < run->sessions && run->next - run->turn >= RUN_AHEAD)
		pthread_cond_wait(&run->moved, &run->lock);
	more = !run->stop && run->next < run->sessions;
	if (more)
		s->i = run->next++;
	pthread_mutex_unlock(&run->lock);
	return more;
}

int search_begin(struct searcher *s)
{
	const struct store_session *e = s->run->session[s->i];

	search_match_free(s->match);
	s->match = search_match_new(s->run->want, &s->patterns, search_show, s);
	s->out.len = 0;
	s->known = s->headed = s->flushed = 0;
	s->fd = -1;
	memset(&s->result, 0, sizeof s->result);
	s->head = (struct search_session){ .n = e->name.n, .user = "" };
	memcpy(s->head.id, e->name.id, ID_SIZE);
	return s->match != NULL ? 0 : -ENOMEM;
}

/* Nothing more is begun. */
static void stop(struct run *run, int status)
{
	pthread_mutex_lock(&run->lock);
	run->stop = 1;
	if (status != AUDIT_OK && run->status == AUDIT_OK)
		run->status = status;
	pthread_cond_broadcast(&run->moved);
	pthread_mutex_unlock(&run->lock);
}

static void *work(void *searcher)
{
	struct searcher *s = searcher;
	struct verdict *v = malloc(sizeof *v);
	const struct verdict *judged;

	while (v != NULL && next_session(s)) {
		if (search_begin(s) != 0) {
			stop(s->run, AUDIT_CANNOT);
			break;
		}
		judged = search_session(s, v);
		publish(s);
		search_keep_end(s->keep, judged);
		s->keep = NULL;
	}
	if (v == NULL)
		stop(s->run, AUDIT_CANNOT);
	free(v);
	return NULL;
}

static int searcher_new(struct searcher **out, struct run *run)
{
	struct searcher *s = calloc(1, sizeof *s);
	char why[PATTERN_WHY];
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->run = run;
	s->fd = -1;
	s->print = (struct search_print){ run->want, &s->patterns, run->command,
	    run->a->host != NULL ? run->a->host->name : NULL, &s->out };
	*out = s;
	r = search_patterns_new(&s->patterns, run->want, why);
	return r != 0 ? r : sink_init(&s->out, -1);
}

static void searcher_free(struct searcher *s)
{
	if (s == NULL)
		return;
	search_match_free(s->match);
	search_patterns_release(&s->patterns);
	block_reader_release(&s->block);
	if (s->have_shelf)
		search_shelf_close(&s->shelf);
	sink_release(&s->out);
	free(s);
}

/* Hits are counted one after the other where there may not be more than so many. */
static size_t thread_count(const struct run *run)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores > RUN_THREADS ? RUN_THREADS : (size_t)cores;

	return run->want->max != UINT64_MAX ? 1 : n < run->sessions ? n :
	    run->sessions > 0 ? run->sessions : 1;
}

/* The first works in the thread that is here; fewer are slower, and that is all. */
static int run_threads(struct run *run)
{
	struct searcher *s[RUN_THREADS] = { NULL };
	pthread_t thread[RUN_THREADS];
	size_t count = thread_count(run), made = 0, started = 0, i;
	int r = 0;

	for (; made < count && r == 0; made++)
		r = searcher_new(&s[made], run);
	while (r == 0 && started + 1 < count &&
	    pthread_create(&thread[started], NULL, work, s[started + 1]) == 0)
		started++;
	if (r == 0)
		work(s[0]);
	for (i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < made; i++)
		searcher_free(s[i]);
	return r;
}

/* In a shell's quotation marks. */
static char *quoted(const char *text)
{
	char *out = malloc(4 * strlen(text) + 3), *p = out;

	if (out == NULL)
		return NULL;
	*p++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			memcpy(p, "'\\''", 4);
			p += 4;
		} else {
			*p++ = *text;
		}
	}
	*p++ = '\'';
	*p = '\0';
	return out;
}

/* Has it a secret that is not to be shown?  "password=", or "//user:secret@" */
static int has_secret(const char *conninfo)
{
	const char *at = strchr(conninfo, '@'), *user = strstr(conninfo, "://");

	if (strstr(conninfo, "password") != NULL)
		return 1;
	return at != NULL && user != NULL && memchr(user + 3, ':', at > user + 3 ? (size_t)(at - user - 3) : 0) != NULL;
}

/* What -S takes for the same store. */
static const char *store_of(const struct auditor *a)
{
	if (a->host == NULL)
		return a->store_path;
	return has_secret(a->conninfo) ? fleet_name(a->fleet) : a->conninfo;
}

/* How to begin a command line that sees the same store. */
static char *command_of(const struct auditor *a)
{
	const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";
	const char *path = store_of(a);
	char *marked, *raw = NULL, *safe = NULL;

	if (a->installed)
		return strdup("shellac");
	marked = path[strspn(path, plain)] == '\0' ? strdup(path) : quoted(path);
	if (marked != NULL && asprintf(&raw, "shellac -S %s", marked) < 0)
		raw = NULL;
	if (raw != NULL && (safe = malloc(4 * strlen(raw) + 8)) != NULL)
		escape_str(safe, 4 * strlen(raw) + 8, raw);
	free(marked);
	free(raw);
	return safe;
}

static void find_blocks(struct run *run)
{
	struct search_patterns p;
	struct needs *needs = calloc(1, sizeof *needs);
	char why[PATTERN_WHY];

	if (needs != NULL && search_patterns_new(&p, run->want, why) == 0) {
		for (unsigned i = 0; i < p.count; i++)
			needs_add(needs, p.pattern[i]);
		(void)search_index_find(run->index, needs); /* else every block may */
		search_patterns_release(&p);
	}
	free(needs);
}

/* Programs come from the process records, in one go for all sessions. */
static int find_processes(struct run *run)
{
	struct search_patterns p;
	char why[PATTERN_WHY];
	int r;

	if (!(run->want->in & SEARCH_IN_COMMANDS))
		return 0;
	r = search_patterns_new(&p, run->want, why);
	if (r == 0)
		r = search_processes_find(&run->processes, &run->a->store, &p);
	search_patterns_release(&p);
	return r;
}

static int end_run(struct run *run, int r)
{
	clear_progress(run);
	if (r != 0) {
		complain("cannot search: %s", err_text(r));
		return AUDIT_CANNOT;
	}
	if (run->bounded > 0) {
		complain("%llu lines would have taken too long to match: what they hold is not known; "
		    "try a simpler expression", (unsigned long long)run->bounded);
		run->status = run->status == AUDIT_OK ? AUDIT_CANNOT : run->status;
	}
	return run->status;
}

int search_run(struct auditor *a, const struct search_want *w, struct store_session **session,
    size_t sessions, uint64_t *hits)
{
	struct run *run = calloc(1, sizeof *run);
	int r, status;

	if (run == NULL)
		return AUDIT_CANNOT;
	run->a = a;
	run->want = w;
	run->session = session;
	run->sessions = sessions;
	run->begun_ns = clock_mono();
	pthread_mutex_init(&run->lock, NULL);
	pthread_mutex_init(&run->store_lock, NULL);
	pthread_cond_init(&run->moved, NULL);
	run->command = command_of(a);
	r = run->command == NULL ? -ENOMEM : find_processes(run);
	if (r == 0 && w->index && search_index_open(&run->index, a) == 0)
		find_blocks(run);
	if (r == 0)
		r = run_threads(run);
	search_index_free(run->index);
	status = end_run(run, r);
	*hits = run->hits;
	search_processes_release(&run->processes);
	for (size_t i = 0; i < RUN_AHEAD; i++)
		free(run->result[i].text);
	free(run->command);
	free(run);
	return status;
}
