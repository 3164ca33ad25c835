/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "search/search_read.h"
#include "search/search_run.h"
#include "session_file.h"

#define ENOUGH 1 /* a line function's: no more hits are wanted */

/* Who it was, of what its file begins with: whether that is right the verdict says. */
static void read_cert(struct searcher *s)
{
	struct session_file file;
	struct frame f;
	struct event e;

	s->known = 1;
	if (s->fd < 0)
		return;
	if (session_file_open(&file, s->fd) == 0 && session_file_next(&file, NULL, &f, &e) == 1 &&
	    file.chain.have_cert) {
		s->cert = file.chain.cert;
		s->head.user = s->cert.user;
		s->head.start_ns = s->cert.wall_ns;
	}
	session_file_release(&file);
}

int search_show(void *searcher, const struct search_line *l, int hit, int apart)
{
	struct searcher *s = searcher;
	struct run *run = s->run;

	if (hit && run->want->max != UINT64_MAX) {
		if (run->hits + search_match_hits(s->match) > run->want->max) {
			run->stop = 1;
			return ENOUGH;
		}
	}
	if (run->want->mode != SEARCH_LINES)
		return 0;
	if (!s->known)
		read_cert(s);
	if (!s->headed)
		search_print_head(&s->print, &s->head);
	search_print_line(&s->print, &s->head, l, hit, apart && s->headed);
	s->headed = 1;
	if (s->out.len > RUN_HELD)
		search_let_go(s);
	return run->stop ? ENOUGH : 0;
}

static int take_line(void *arg, const struct search_line *l)
{
	struct searcher *s = arg;

	if (s->keep != NULL)
		search_keep_line(s->keep, l);
	if (s->run->want->mode == SEARCH_NAMES && search_match_hits(s->match) > 0)
		return 0;
	return search_match_line(s->match, l);
}

/* Only lines that hold what is looked for are taken apart. */
static int block_hits(struct searcher *s)
{
	struct block_reader *b = &s->block;
	size_t from = 0, at, len;
	int r;

	while ((r = search_patterns_find(&s->patterns, b->text, b->text_len, from, &at, &len)) == 1) {
		do
			r = block_reader_next(b);
		while (r == 1 && b->next <= at);
		if (r != 1)
			return r < 0 ? r : E_FORMAT;
		if ((r = take_line(s, &b->at)) != 0)
			return r;
		from = b->next;
	}
	return r;
}

static int block_lines(struct searcher *s)
{
	int r;

	while ((r = block_reader_next(&s->block)) == 1)
		if ((r = take_line(s, &s->block.at)) != 0)
			return r;
	return r;
}

static int search_block(struct searcher *s, const struct search_kept *k, int64_t seq)
{
	const struct search_want *w = s->run->want;
	int r = search_shelf_block(&s->shelf, k, seq, &s->block);

	if (r != 0)
		return r;
	if (s->patterns.literal && w->before == 0 && w->after == 0 &&
	    s->block.text_len <= PATTERN_LINE_MAX)
		return block_hits(s);
	return block_lines(s);
}

static int may_any(const struct run *run, const struct search_kept *k)
{
	for (int64_t i = 0; i < k->blocks; i++)
		if (search_index_may(run->index, k->first + i))
			return 1;
	return 0;
}

static int open_shelf(struct searcher *s)
{
	int r = s->have_shelf ? 0 : search_shelf_open(&s->shelf, s->run->index);

	s->have_shelf = 1;
	return r;
}

static int from_index(struct searcher *s, const struct search_kept *k)
{
	const struct run *run = s->run;
	const int all = run->want->before > 0 || run->want->after > 0;
	int r = 0;

	s->head.user = k->user;
	s->head.start_ns = k->start_ns;
	s->known = 1;
	if (k->outcome[0] != '\0') {
		snprintf(s->result.say, sizeof s->result.say, "%s", k->outcome);
		s->result.status = AUDIT_FINDING;
	}
	if (all && !may_any(run, k))
		return 0;
	if (k->blocks > 0 && !all && !may_any(run, k))
		return 0;
	if (k->blocks > 0)
		r = open_shelf(s);
	for (int64_t i = 0; i < k->blocks && r == 0; i++) {
		if (run->want->mode == SEARCH_NAMES && search_match_hits(s->match) > 0)
			break;
		if (all || search_index_may(run->index, k->first + i))
			r = search_block(s, k, i);
	}
	return r;
}

static int open_session(struct searcher *s, struct store_session *e, struct stat *st)
{
	int fd;

	pthread_mutex_lock(&s->run->store_lock);
	fd = store_open_session(&s->run->a->store, e);
	pthread_mutex_unlock(&s->run->store_lock);
	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

/* Its collector may have been in the middle of a frame. */
static int judge_again(struct searcher *s, struct store_session *e, const struct judge_how *how,
    struct verdict *v)
{
	int r;

	if (v->status != STATUS_TORN || e->name.state != SESSION_LIVE)
		return 0;
	pthread_mutex_lock(&s->run->store_lock);
	r = judge_session(&s->run->a->store, e, how, v);
	pthread_mutex_unlock(&s->run->store_lock);
	return r;
}

static int from_store(struct searcher *s, struct store_session *e, struct verdict *v)
{
	struct auditor *a = s->run->a;
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	struct stat st;
	int r;

	s->fd = open_session(s, e, &st);
	if (s->fd < 0)
		return s->fd;
	if (s->run->index != NULL && s->run->want->index)
		s->keep = search_keep_new(s->run->index, e, &st);
	r = search_read(s->fd, e, &how, take_line, s, v);
	if (r == 0)
		r = judge_again(s, e, &how, v);
	if (r == 0 && !verdict_good(v)) {
		outcome_line(s->result.say, e, v);
		s->result.status = AUDIT_FINDING;
	}
	return r;
}

/* Programs that began in it. */
static int add_processes(struct searcher *s)
{
	size_t count;
	const struct search_process *p = search_processes_of(&s->run->processes, s->head.n, &count);
	int r = 0;

	if (count > 0 && !s->known)
		read_cert(s);
	for (size_t i = 0; i < count && r == 0; i++) {
		struct search_line l = { .source = SEARCH_PROCESS, .chunk = -1,
			.typed = SEARCH_NOT_TYPED, .text = p[i].text, .len = strlen(p[i].text) };

		if (s->head.start_ns != 0 && p[i].wall_ns > s->head.start_ns)
			l.at_ns = (uint64_t)(p[i].wall_ns - s->head.start_ns);
		if (s->run->want->mode != SEARCH_NAMES || search_match_hits(s->match) == 0)
			r = search_match_line(s->match, &l);
	}
	return r;
}

static void say_error(struct searcher *s, int r)
{
	struct run_result *result = &s->result;

	if (r < 0) {
		snprintf(result->say, sizeof result->say, "session %llu: %s",
		    (unsigned long long)s->head.n, r == E_RANGE ?
		    "more was typed, or stands in one line, than is searched" : err_text(r));
		result->status = AUDIT_CANNOT;
	}
}

/* What the index cannot give is read from the store, where nothing of it was shown yet. */
static int search_lines(struct searcher *s, struct store_session *e, struct verdict *v,
    int *judged)
{
	const struct search_kept *k = s->run->index != NULL ? search_index_has(s->run->index, e) :
	    NULL;
	int r = k != NULL ? from_index(s, k) : 0;

	if (k != NULL && r >= 0)
		return r;
	if (k != NULL) {
		if (r == E_FORMAT)
			search_index_spoilt(s->run->index);
		if (s->flushed || (r = search_begin(s)) != 0)
			return r;
	}
	r = from_store(s, e, v);
	*judged = r == 0;
	return r;
}

const struct verdict *search_session(struct searcher *s, struct verdict *v)
{
	int judged = 0, r = search_lines(s, s->run->session[s->i], v, &judged);

	if (r == 0)
		r = add_processes(s);
	say_error(s, r);
	s->result.hits = search_match_hits(s->match);
	s->result.bounded = search_match_bounded(s->match);
	if (s->result.hits > 0 && s->run->want->mode != SEARCH_LINES) {
		if (!s->known)
			read_cert(s);
		search_print_count(&s->print, &s->head, s->result.hits);
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return judged ? v : NULL;
}
