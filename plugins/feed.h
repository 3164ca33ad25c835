/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FEED_H
#define SHELLAC_FEED_H

#include <jansson.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What every plugin of ours shares: the dispatcher's side of shellac-plugins(5), events
 * as lines on standard input and answers on standard output.
 *
 *	r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO);
 *	while (r == 0 && !feed_over(f)) {
 *		feed_wait(f, NULL, 0, -1);
 *		while (feed_next(f, &e))
 *			take(&e);
 *		make what was taken safe;
 *		feed_ack(f, seq of the last one that is safe);
 *	}
 *	r = feed_close(f);
 */
struct feed;

#define FEED_PROTOCOL 1
#define FEED_LINE_MAX 65536   /* bytes of a line, LF included */
#define FEED_HELLO_MS 60000   /* that its first line may take */

struct feed_event {
	const char *line; /* one JSON object, zero-ended, without LF */
	size_t len;
	json_t *json;     /* the same, read */
	uint64_t seq;     /* event.sequence, or the last that an events-lost stands for; 0:
	                   * it has none and needs no ack */
};

/* feed_event's seq of a line; 0 also where it is no JSON object. */
uint64_t feed_sequence(const char *line, size_t len);

/* Takes SIGTERM (blocked from now on; a child has to unblock it), ignores SIGPIPE, and waits
 * for the hello line.  The descriptors stay the caller's.  0 and *out (that is over already
 * where the end came first), E_FORMAT where the first line is no hello, E_REFUSED where it is
 * one of another protocol, -ETIME, or -errno. */
int feed_open(struct feed **out, int in, int answers);

/* Writes the last ack.  0, or why the feed ended where it should not have: -errno.  NULL is
 * fine. */
int feed_close(struct feed *f);

/* The hello line, as an event without a number; valid until feed_close(). */
const struct feed_event *feed_hello(const struct feed *f);

/* The next event of what feed_wait() has read: 1, or 0 when there is none: the batch is over.
 * *e and what it points to are valid until the next call with f.  What is longer than
 * FEED_LINE_MAX or no JSON object is said on the log and skipped. */
int feed_next(struct feed *f, struct feed_event *e);

/* Writes the ack that is due, and waits until there are events for feed_next(), the end has
 * come, one of the n descriptors of more is ready (revents are set), or timeout_ms (-1: any
 * time) is over.  At once where feed_next() has something left.  The number of ready ones of
 * more, or -errno, after which the feed is over. */
int feed_wait(struct feed *f, struct pollfd *more, nfds_t n, int timeout_ms);

/* The same for a plugin that can take nothing now: leaves the events where they are, so that
 * the dispatcher's queue holds them, and of an end sees SIGTERM only.  The last event stays
 * valid. */
int feed_pause(struct feed *f, struct pollfd *more, nfds_t n, int timeout_ms);

/* 1 after SIGTERM (what was not given out is not taken), after the end of the input when all
 * of it was given out, or when the dispatcher is gone. */
int feed_over(const struct feed *f);
/* 1 after SIGTERM, an error, or when the dispatcher is gone: feed_wait() and feed_pause() do not
 * wait any more. */
int feed_stopped(const struct feed *f);

/* All up to seq is safe.  Written by feed_wait(), feed_pause() or feed_close(): many acks in
 * one batch are one line.  One that is not above the last is nothing. */
void feed_ack(struct feed *f, uint64_t seq);

#endif
