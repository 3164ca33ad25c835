/* SPDX-License-Identifier: ISC */
/* A session's FIFO: when it is read, and what its end means. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "events.h"
#include "gate.h"
#include "log.h"
#include "session.h"
#include "session_ledger.h"
#include "session_socket.h"
#include "session_spool.h"
#include "spool_park.h"

/* A batch this large is a bulk run; it is only let run where the pipe holds
 * several times what comes meanwhile. */
#define BULK_BATCH 32768u
#define BULK_PIPE 524288u
#define CALM_PART 8 /* less of the pipe than this part is somebody typing */

#define WATCH (EPOLLIN | EPOLLET)

static void unpace(struct session *s)
{
	if (s->pace != NULL)
		TAILQ_REMOVE(&s->pace->sessions, s, pace_link);
	s->pace = NULL;
}

void session_ready(struct session *s)
{
	unpace(s);
	/* what comes while the collector ends, from a spool too, is for the next one: without its
	 * FIFO this one would take the rest for the end */
	if (s->is_ready || s->end != END_NOT || s->c->stopping || (s->fifo < 0 && !s->spooling))
		return;
	TAILQ_INSERT_TAIL(&s->c->ready, s, ready_link);
	s->is_ready = 1;
}

void session_unready(struct session *s)
{
	unpace(s);
	if (s->is_ready)
		TAILQ_REMOVE(&s->c->ready, s, ready_link);
	s->is_ready = 0;
}

void session_fifo_event(void *arg, uint32_t events)
{
	struct session *s = arg;

	if (events & (EPOLLHUP | EPOLLERR))
		s->fifo_hup = 1;
	session_ready(s);
}

static void pace_over(void *arg)
{
	struct pace *p = arg;

	while (!TAILQ_EMPTY(&p->sessions))
		session_ready(TAILQ_FIRST(&p->sessions));
}

void session_pace_init(struct pace *p, unsigned ms)
{
	TAILQ_INIT(&p->sessions);
	p->timer = (struct timer){.fn = pace_over, .arg = p};
	p->ms = ms;
}

static int pace(struct session *s, struct pace *p)
{
	struct loop *l = &s->c->loop;

	if (!s->unwatched)
		s->unwatched = loop_mod(l, &s->fifo_source, 0) == 0;
	if (!s->unwatched)
		return 0;
	unpace(s);
	TAILQ_INSERT_TAIL(&p->sessions, s, pace_link);
	s->pace = p;
	if (!p->timer.set)
		loop_timer(l, &p->timer, p->ms);
	return 1;
}

void session_rest(struct session *s)
{
	if (s->fifo >= 0 && !s->fifo_hup)
		pace(s, &s->c->calm);
}

/* After a batch of so many bytes: look again in a while, or watch the FIFO. */
static void watch(struct session *s, size_t batch)
{
	struct collector *c = s->c;

	if (s->idle && batch == 0 && !s->fifo_hup)
		return;
	idle_leave(s);
	if (batch >= BULK_BATCH && s->fifo_size >= BULK_PIPE && !s->fifo_hup && pace(s, &c->bulk))
		return;
	if (batch > 0 && batch <= s->fifo_size / CALM_PART && !s->fifo_hup && pace(s, &c->calm))
		return;
	/* looks at once: what came meanwhile is an event */
	if (s->unwatched)
		s->unwatched = loop_mod(&c->loop, &s->fifo_source, WATCH) != 0;
}

void session_refuse(struct session *s, int error)
{
	char id[2 * ID_SIZE + 1];

	hex_put(id, s->name.id, ID_SIZE);
	log_warn("session %" PRIu64 " %s: refused at frame %" PRIu64 ", offset %" PRIu64
	    ": %s; it ends here, cut", s->name.n, id, s->in.chain.frame, s->in.chain.offset,
	    err_text(error));
	events_tamper(s->c->events, s, error);
	session_refused(s, REFUSED_MALFORMED, err_text(error));
	session_close(s, END_REFUSED);
}

void session_ended_by_writer(struct session *s, size_t left)
{
	if (left > 0)
		log_warn("session %" PRIu64 ": its recorder ended inside a frame, at offset %" PRIu64
		    ": %zu bytes dropped", s->name.n, s->in.chain.offset, left);
	log_warn("session %" PRIu64 ": its recorder is gone without END; cut", s->name.n);
	session_close(s, END_CUT);
}

/* Nothing that could be taken is in the FIFO; left bytes of a frame are. */
static void starved(struct session *s, size_t left, int writers)
{
	int over;

	s->writer_seen |= writers || left > 0;
	if (s->spooling) {
		session_spool_turn(s);
		return;
	}
	if (writers)
		over = s->gone;
	else
		over = s->writer_seen || s->gone || (s->sock < 0 && s->grace_ns <= clock_mono());
	if (over) {
		s->gone = 1; /* what ends inside a frame is its end, and no lie */
		if (!session_spool_left(s))
			session_ended_by_writer(s, left);
		return;
	}
	if (left > 0 && s->partial_ns == 0) {
		s->partial_ns = clock_mono();
		collector_tick_soon(s->c);
	}
	watch(s, 0);
}

int session_has_writers(const struct session *s)
{
	struct pollfd p = {.fd = s->fifo, .events = POLLIN};

	return poll(&p, 1, 0) < 0 || (p.revents & POLLHUP) == 0;
}

/* More than what was seen of it, once nobody writes any more: that came in between.  Nothing
 * is said of a FIFO that may not be seen whole. */
static int has_more(const struct session *s, size_t seen)
{
	int n;

	return s->fifo_size <= s->c->drain.size && ioctl(s->fifo, FIONREAD, &n) == 0 &&
	    (size_t)n > seen;
}

/* What is seen of it is the start of a frame. */
static void unfinished(struct session *s, size_t held)
{
	int writers = session_has_writers(s);

	if (!writers && has_more(s, held))
		session_ready(s);
	else
		starved(s, held, writers);
}

/* It may not bring in what it has; what it waits for makes no event. */
static void wait_for_turn(struct session *s, enum gate_wait why)
{
	s->waiting = 1;
	if (why == GATE_CRAWLS)
		session_slow(s);
	if (why != GATE_CRAWLS || !pace(s, &s->c->crawl))
		collector_tick_soon(s->c);
	spool_park(s);
}

static void stalled(struct session *s, int r)
{
	if (!s->stalled) {
		session_ledger_stalled(s->c, r);
		log_error("session %" PRIu64 ": the store cannot be written (%s); its data waits in "
		    "the FIFO, trying again every second", s->name.n, err_text(r));
	}
	s->stalled = 1;
	collector_tick_soon(s->c);
	spool_park(s);
}

/* Its recorder says that nothing happens. */
static int is_idle(const struct session *s)
{
	const struct chain *chain = &s->in.chain;

	return chain->chunk > 0 && chain->last.kind == SEAL_HEARTBEAT &&
	    chain->sealed_offset == chain->offset;
}

/* Where somebody waits, the disk has begun before the thread that waits for it is
 * awake, and that thread goes before what this one has to do meanwhile. */
static void to_disk(struct session *s, int prompt, int seals)
{
	if (seals == 1 && !prompt && is_idle(s) && heartbeat_take(s))
		return;
	if (prompt)
		sync_file_range(s->in.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	session_dirty(s, prompt);
	if (prompt)
		sched_yield();
}

static void stored(struct session *s, const struct intake_result *r)
{
	struct collector *c = s->c;
	int was_stalled = s->stalled;
	struct ack_wait *wait;

	s->stalled = 0;
	if (was_stalled) {
		log_info("session %" PRIu64 ": the store can be written again", s->name.n);
		session_ledger_stalled(c, 0);
	}
	s->writer_seen = 1;
	c->count.bytes += r->stored;
	c->count.frames += r->frames;
	if (r->sealed) {
		wait = &s->wait[r->prompt ? ACK_PROMPT : ACK_CALM];
		if (wait->sealed_ns == 0)
			wait->sealed_ns = clock_mono();
		to_disk(s, r->prompt, r->sealed);
	}
	gate_took(s, r->stored);
}

/* What the frames told, unless their SEAL turned out to be nobody's. */
static void count_told(struct session *s, uint64_t in, uint64_t out, const struct intake_result *r)
{
	const struct chain *chain = &s->in.chain;
	struct counters *n = &s->c->count;

	if (chain->in_bytes > in)
		n->in_bytes += chain->in_bytes - in;
	if (chain->out_bytes > out)
		n->out_bytes += chain->out_bytes - out;
	n->gaps += r->lost > 0;
	n->lost_bytes += r->lost;
}

int session_take_in(struct session *s, size_t len, struct intake_result *r)
{
	struct collector *c = s->c;
	uint64_t in = s->in.chain.in_bytes, out = s->in.chain.out_bytes;
	enum gate_wait why;
	size_t room;
	int e;

	room = gate_room(s, len, &why);
	if (room == 0) {
		wait_for_turn(s, why);
		return 0;
	}
	e = intake_take(&s->in, c->drain.buf, room, c->pk, r);
	if (e != 0) {
		stalled(s, e);
		return 0;
	}
	stored(s, r);
	e = intake_settle(&s->in); /* while the disk works */
	if (e != 0) {
		r->error = e;
		return 1;
	}
	count_told(s, in, out, r);
	session_ledger_gap(s, r);
	return 1;
}

/* What was taken in is in the file: count it, take it out, see what comes next. */
static void taken(struct session *s, size_t held, const struct intake_result *r)
{
	struct collector *c = s->c;
	int e;

	e = fifo_drain_consume(&c->drain, s->fifo, r->take);
	if (e != 0 || r->error != 0) {
		session_refuse(s, r->error != 0 ? r->error : e);
		return;
	}
	if (s->in.chain.ended) {
		if (held > r->take)
			log_warn("session %" PRIu64 ": bytes after END, dropped", s->name.n);
		session_close(s, END_CLOSED);
		return;
	}
	if (r->take == 0) {
		unfinished(s, held);
		return;
	}
	s->partial_ns = 0;
	if (is_idle(s)) {
		idle_enter(s);
		watch(s, 0); /* nobody has to look again soon */
	} else {
		watch(s, r->take);
	}
	/* a scratch pipe smaller than the FIFO may not have shown all */
	if (r->more || s->fifo_hup || held > r->take || s->fifo_size > c->drain.size)
		session_ready(s);
}

void session_turn(struct session *s)
{
	struct collector *c = s->c;
	struct intake_result r;
	enum gate_wait why;
	ssize_t n;

	session_unready(s);
	if (s->end != END_NOT || (s->fifo < 0 && !s->spooling))
		return;
	if (s->waiting && gate_room(s, FRAME_MAX, &why) == 0) {
		wait_for_turn(s, why);
		return;
	}
	s->waiting = 0;
	n = s->fifo < 0 ? 0 : fifo_drain_peek(&c->drain, s->fifo);
	if (n == 0 || n == -EAGAIN) {
		starved(s, 0, n != 0);
		return;
	}
	if (n < 0) {
		session_refuse(s, (int)n);
		return;
	}
	if (session_take_in(s, (size_t)n, &r))
		taken(s, (size_t)n, &r);
}
