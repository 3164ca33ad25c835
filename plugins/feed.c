/* SPDX-License-Identifier: ISC */
#include "feed.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "io.h"
#include "log.h"

#define MORE_MAX 16 /* descriptors of the caller's */

struct feed {
	int in, answers, signals;
	int status;          /* of what ended it early, or 0 */
	int ended, stopped;  /* end of input; SIGTERM, or an error */
	int skipping;        /* within a line that is too long */
	uint64_t acked, said; /* the last that is safe, and that the dispatcher knows of */
	size_t start, scanned, end; /* of what is in buf: unread from start, no LF before scanned */
	json_t *json;        /* of the event given last */
	char *hello_line;
	struct feed_event hello;
	char buf[2 * FEED_LINE_MAX];
};

static void stop(struct feed *f, int status)
{
	if (f->status == 0)
		f->status = status;
	f->stopped = 1;
}

/* Nobody that reads answers is the end of the dispatcher, which needs no words. */
static int say(struct feed *f, const char *text, int len)
{
	int r = io_write_all(f->answers, text, (size_t)len);

	if (r != 0)
		stop(f, r == -EPIPE ? 0 : r);
	return r;
}

static void say_ack(struct feed *f)
{
	char text[32];

	if (f->acked == f->said)
		return;
	f->said = f->acked;
	say(f, text, snprintf(text, sizeof(text), "ACK %llu\n", (unsigned long long)f->acked));
}

/* The next whole line in the buffer, with a zero for its LF: 1, or 0. */
static int cut_line(struct feed *f, char **line, size_t *len)
{
	char *lf;

	for (;;) {
		lf = memchr(f->buf + f->scanned, '\n', f->end - f->scanned);
		if (lf == NULL) {
			f->scanned = f->end;
			return 0;
		}
		*line = f->buf + f->start;
		*len = (size_t)(lf - *line);
		*lf = '\0';
		f->start = f->scanned = f->start + *len + 1;
		if (!f->skipping && *len < FEED_LINE_MAX)
			return 1;
		f->skipping = 0;
		log_warn("an event of more than %d bytes is left out", FEED_LINE_MAX);
	}
}

static int whole_line_waits(const struct feed *f)
{
	return memchr(f->buf + f->scanned, '\n', f->end - f->scanned) != NULL;
}

/* Room for one more line at least: what is left goes to the front, and the rest of one that
 * is too long already is not kept. */
static void make_room(struct feed *f)
{
	if (f->end - f->start >= FEED_LINE_MAX) {
		f->skipping = 1;
		f->start = f->end;
	}
	memmove(f->buf, f->buf + f->start, f->end - f->start);
	f->end -= f->start;
	f->start = 0;
	f->scanned = f->end;
}

static void fill(struct feed *f)
{
	ssize_t n;

	make_room(f);
	n = read(f->in, f->buf + f->end, sizeof(f->buf) - f->end);
	if (n > 0) {
		f->end += (size_t)n;
	} else if (n == 0) {
		if (f->end > f->start || f->skipping)
			log_warn("the input ends within an event, which is left out");
		f->ended = 1;
	} else if (errno == ECONNRESET) { /* a dispatcher that was killed */
		f->ended = 1;
	} else if (errno != EINTR && errno != EAGAIN) {
		stop(f, -errno);
	}
}

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

static uint64_t sequence_of(const json_t *json)
{
	uint64_t n = number_of(json_object_get(json, "event"), "sequence");
	const json_t *lost = json_object_get(json_object_get(json, "shellac"), "lost");

	return n > 0 ? n : number_of(lost, "to");
}

static int read_event(struct feed_event *e, const char *line, size_t len)
{
	json_t *json = json_loadb(line, len, JSON_ALLOW_NUL, NULL);

	if (!json_is_object(json)) {
		json_decref(json);
		return E_FORMAT;
	}
	*e = (struct feed_event){.line = line, .len = len, .json = json, .seq = sequence_of(json)};
	return 0;
}

uint64_t feed_sequence(const char *line, size_t len)
{
	struct feed_event e;
	uint64_t seq = 0;

	if (read_event(&e, line, len) == 0) {
		seq = e.seq;
		json_decref(e.json);
	}
	return seq;
}

int feed_next(struct feed *f, struct feed_event *e)
{
	char *line;
	size_t len;

	json_decref(f->json);
	f->json = NULL;
	while (!f->stopped && cut_line(f, &line, &len)) {
		if (read_event(e, line, len) == 0) {
			f->json = e->json;
			return 1;
		}
		log_warn("a line that is no JSON object is left out: %.200s", line);
	}
	return 0;
}

static int wait_for(struct feed *f, struct pollfd *more, nfds_t n, int timeout_ms, short in)
{
	struct pollfd fds[2 + MORE_MAX] = {
		{.fd = f->signals, .events = POLLIN},
		{.fd = in != 0 && !f->ended ? f->in : -1, .events = in},
	};
	nfds_t i;
	int r;

	assert(n <= MORE_MAX);
	for (i = 0; i < n; i++)
		fds[2 + i] = more[i];
	say_ack(f);
	if (f->stopped || (in != 0 && (f->ended || whole_line_waits(f))))
		timeout_ms = 0;
	r = poll(fds, 2 + n, timeout_ms);
	if (r < 0 && errno != EINTR) {
		stop(f, -errno);
		return f->status;
	}
	if (r > 0 && fds[0].revents != 0)
		stop(f, 0);
	if (r > 0 && fds[1].revents != 0 && !whole_line_waits(f))
		fill(f);
	for (r = r < 0 ? 0 : r, i = 0; i < n; i++)
		more[i].revents = r > 0 ? fds[2 + i].revents : 0;
	return r - (r > 0 && fds[0].revents != 0) - (r > 0 && fds[1].revents != 0);
}

int feed_wait(struct feed *f, struct pollfd *more, nfds_t n, int timeout_ms)
{
	return wait_for(f, more, n, timeout_ms, POLLIN);
}

int feed_pause(struct feed *f, struct pollfd *more, nfds_t n, int timeout_ms)
{
	return wait_for(f, more, n, timeout_ms, 0);
}

int feed_over(const struct feed *f)
{
	return f->stopped || (f->ended && !whole_line_waits(f));
}

int feed_stopped(const struct feed *f)
{
	return f->stopped;
}

void feed_ack(struct feed *f, uint64_t seq)
{
	if (seq > f->acked)
		f->acked = seq;
}

/* 0 also where the feed is over before it began. */
static int take_hello(struct feed *f)
{
	uint64_t until = clock_mono() + FEED_HELLO_MS * UINT64_C(1000000);
	const json_t *protocol;
	char *line;
	size_t len;
	int r;

	while (!cut_line(f, &line, &len)) {
		if (feed_over(f))
			return f->status;
		if (clock_mono() >= until)
			return -ETIME;
		feed_wait(f, NULL, 0, 1000);
	}
	f->hello_line = strdup(line);
	if (f->hello_line == NULL)
		return -ENOMEM;
	if ((r = read_event(&f->hello, f->hello_line, len)) != 0)
		return r;
	protocol = json_object_get(json_object_get(f->hello.json, "shellac"), "protocol");
	if (!json_is_integer(protocol))
		return E_FORMAT;
	return json_integer_value(protocol) == FEED_PROTOCOL ? 0 : E_REFUSED;
}

static int take_signals(struct feed *f)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	f->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return f->signals < 0 ? -errno : 0;
}

int feed_open(struct feed **out, int in, int answers)
{
	struct feed *f = calloc(1, sizeof(*f));
	int r;

	if (f == NULL)
		return -ENOMEM;
	f->in = in;
	f->answers = answers;
	f->signals = -1;
	if ((r = take_signals(f)) != 0 || (r = take_hello(f)) != 0) {
		feed_close(f);
		return r;
	}
	*out = f;
	return 0;
}

int feed_close(struct feed *f)
{
	int r;

	if (f == NULL)
		return 0;
	say_ack(f);
	r = f->status;
	if (f->signals >= 0)
		close(f->signals);
	json_decref(f->json);
	json_decref(f->hello.json);
	free(f->hello_line);
	free(f);
	return r;
}

const struct feed_event *feed_hello(const struct feed *f)
{
	return &f->hello;
}
