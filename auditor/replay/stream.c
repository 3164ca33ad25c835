/* SPDX-License-Identifier: ISC */
#include "replay/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "replay/follow.h"
#include "replay/where.h"
#include "replay/replay_filter.h"
#include "output/sink.h"

struct stream {
	struct seen seen;
	struct chunks in;
	struct sink out;
	struct replay_filter filter;
	struct where at;  /* where it begins */
	int begun;
};

/* Once it has, it has. */
static int has_begun(struct stream *s, const struct shown_event *x)
{
	const struct where *at = &s->at;

	if (!s->begun)
		s->begun = at->kind == WHERE_ELAPSED ? x->at_ns >= at->elapsed_ns :
		    at->kind == WHERE_CHUNK ? (uint64_t)x->chunk >= at->chunk :
		    chunks_wall(&s->in, x->at_ns) >= at->wall_ns;
	return s->begun;
}

static void put_chunk(struct stream *s)
{
	struct shown_event x;

	while (chunks_next(&s->in, &x))
		if (has_begun(s, &x) && x.e.type == FRAME_OUTPUT)
			replay_filter_put(&s->filter, x.e.data, x.e.len);
}

/* All that is there, from the chunk that is loaded if one is. */
static int put_all(struct stream *s)
{
	int r;

	do
		put_chunk(s);
	while (s->out.error == 0 && (r = chunks_load(&s->in)) > 0);
	return s->out.error != 0 ? s->out.error : 0;
}

static int put_live(struct stream *s, struct auditor *a, struct store_session *e, int fd)
{
	static const struct timespec wait = { .tv_nsec = FOLLOW_LOOK_NS };
	struct follow f;
	int r;

	follow_begin(&f, &s->in, NULL);
	while ((r = put_all(s)) == 0 && f.on) {
		if ((r = sink_flush(&s->out)) != 0)
			break;
		nanosleep(&wait, NULL);
		(void)follow_look(&f, fd, &a->store, e);
	}
	return r;
}

static int run(struct stream *s, struct auditor *a, struct store_session *e, int fd,
    const char *at, int follow)
{
	int r = chunks_open(&s->in, fd, &s->seen);

	if (r == 0 && at != NULL && chunks_load(&s->in) > 0)
		r = where_parse(&s->at, at, chunks_wall(&s->in, 0), clock_wall());
	if (r == 0)
		r = follow ? put_live(s, a, e, fd) : put_all(s);
	replay_filter_end(&s->filter);
	if (r == 0)
		r = sink_flush(&s->out);
	return r;
}

int stream_session(struct auditor *a, struct store_session *e, const char *at, int follow,
    struct verdict *v)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	struct stream *s = calloc(1, sizeof *s);
	int fd = store_open_session(&a->store, e), r = fd < 0 ? fd : -ENOMEM;

	if (s == NULL || fd < 0 || (r = sink_init(&s->out, STDOUT_FILENO)) != 0)
		goto out;
	replay_filter_init(&s->filter, &s->out);
	r = run(s, a, e, fd, at, follow);
	chunks_release(&s->in);
	seen_release(&s->seen);
	if (r == 0 || chunks_is_finding(r))
		r = judge_session(&a->store, e, &how, v);
out:
	if (s != NULL)
		sink_release(&s->out);
	if (fd >= 0)
		close(fd);
	free(s);
	return r;
}
