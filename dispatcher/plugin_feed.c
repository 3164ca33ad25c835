/* SPDX-License-Identifier: ISC */
/* A plugin's queue: from the journal into its standard input, and its acks. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "lines.h"
#include "plugin.h"

#define SAID_NS (10 * UINT64_C(1000000000)) /* between two lines about the same loss */

static int takes_events(const struct plugin *p)
{
	return (p->conf->direction & PLUGIN_OUT) != 0;
}

static void save(struct plugin *p)
{
	int r = cursor_save(&p->file, &p->cursor);

	if (r != 0)
		dispatch_log(p->d, LOG_L_ERROR, "plugin %s: its cursor cannot be written: %s",
		    p->conf->name, err_text(r));
	dispatch_changed(p->d);
}

/* Sent and not acknowledged. */
static uint64_t unacked(const struct plugin *p)
{
	return p->next - 1 > p->cursor.acked ? cursor_behind(&p->cursor, p->next - 1) : 0;
}

static void say_lost(struct plugin *p, uint64_t count)
{
	uint64_t now = clock_mono();

	if (p->conf->overflow == PLUGIN_IGNORE ||
	    (p->lost_said_ns != 0 && now - p->lost_said_ns < SAID_NS))
		return;
	p->lost_said_ns = now;
	dispatch_log(p->d, LOG_L_WARN, "plugin %s: its queue of %u events is full: %" PRIu64
	    " dropped, %" PRIu64 " in all", p->conf->name, p->conf->queue_depth, count, p->cursor.lost);
}

/* The collector's ledger hears when room is the reason, and when it is no more. */
static void say_room(struct plugin *p, int out_of_room)
{
	struct dispatch_message m = {.type = DISPATCH_LOST, .number = p->cursor.lost,
		.flag = (uint8_t)out_of_room, .text = {p->conf->name}, .len = {strlen(p->conf->name)}};

	if (out_of_room == p->out_of_room)
		return;
	p->out_of_room = out_of_room;
	dispatch_tell(p->d, &m);
}

static void drop_rest(struct plugin *p)
{
	uint64_t behind = cursor_behind(&p->cursor, p->d->tail), count;

	if (behind <= p->conf->queue_depth)
		return;
	count = cursor_drop(&p->cursor, p->next, behind - p->conf->queue_depth, p->d->tail);
	if (count == 0)
		return;
	say_lost(p, count);
	save(p);
}

static void suspend(struct plugin *p)
{
	if (p->suspended)
		return;
	p->suspended = 1;
	snprintf(p->reason, sizeof(p->reason), "its queue of %u events was full; SIGHUP resumes",
	    p->conf->queue_depth);
	dispatch_log(p->d, LOG_L_ERROR, "plugin %s is suspended: %s", p->conf->name, p->reason);
}

void plugin_limit(struct plugin *p)
{
	if (!takes_events(p))
		return;
	if (p->conf->overflow == PLUGIN_BLOCK) {
		say_room(p, !p->d->room && (p->out_of_room ||
		    cursor_behind(&p->cursor, p->d->tail) > p->conf->queue_depth));
		if (p->d->room)
			return;
	}
	if (p->conf->overflow == PLUGIN_SUSPEND &&
	    cursor_behind(&p->cursor, p->d->tail) > p->conf->queue_depth)
		suspend(p);
	drop_rest(p);
}

int plugin_acked(struct plugin *p, uint64_t seq)
{
	uint64_t events = seq <= p->sent ? cursor_behind(&p->cursor, seq) : 0;
	int r = cursor_ack(&p->cursor, seq, p->sent);

	if (r != 0)
		return r;
	p->count.acked += events;
	save(p);
	return 0;
}

static void add_line(struct plugin *p, const char *line, size_t len, uint64_t seq)
{
	memcpy(p->buffer + p->len, line, len);
	p->len += len;
	p->line[p->lines++] = (struct batch_line){.end = p->len, .seq = seq};
}

/* In the place of events that it does not get, whose range begins at next. */
static void add_lost(struct plugin *p, const struct cursor_range *r)
{
	char line[LINES_LOST_MAX];
	size_t len = lines_lost(line, p->d->host, r->from, r->to);

	add_line(p, line, len, r->to);
	p->next = r->to + 1;
}

/* Events that the journal does not hold (any more) are lost for it, too. */
static int take_event(struct plugin *p)
{
	const char *line;
	uint64_t number;
	size_t len;
	int r;

	if (p->reader == NULL || p->reader_at != p->next) {
		event_reader_close(p->reader);
		p->reader = NULL;
		r = event_reader_open(&p->reader, p->d->journal, p->next);
		if (r != 0)
			return r;
	}
	p->reader_at = p->next;
	r = event_reader_next(p->reader, &number, &line, &len);
	if (r != 1)
		return r;
	if (number > p->next) {
		p->reader_at = 0; /* it is read again, behind the line about those before */
		if (cursor_drop(&p->cursor, p->next, number - p->next, number - 1) == 0)
			return -EAGAIN;
		save(p);
		return 1;
	}
	p->reader_at = p->next + 1;
	add_line(p, line, len, number);
	p->next++;
	return 1;
}

static void refill(struct plugin *p)
{
	const struct cursor_range *lost;
	int r = 1;

	p->len = p->off = 0;
	p->lines = p->written = 0;
	while (r == 1 && p->len < PLUGIN_BATCH && p->lines < PLUGIN_BATCH_LINES &&
	    p->next <= p->d->tail && unacked(p) < p->conf->queue_depth &&
	    p->cursor.ranges < CURSOR_RANGES - 1) {
		lost = cursor_range_at(&p->cursor, p->next);
		if (lost != NULL)
			add_lost(p, lost);
		else
			r = take_event(p);
	}
	if (r < 0 && r != -EAGAIN)
		dispatch_log(p->d, LOG_L_ERROR, "plugin %s: the journal cannot be read: %s",
		    p->conf->name, err_text(r));
}

/* So much of the buffer is in the pipe. */
static void wrote(struct plugin *p, size_t n)
{
	p->off += n;
	for (; p->written < p->lines && p->line[p->written].end <= p->off; p->written++) {
		if (p->line[p->written].seq == 0)
			continue;
		p->sent = p->line[p->written].seq;
		p->count.sent++;
	}
	if (!p->conf->acks && p->sent > p->cursor.acked && plugin_acked(p, p->sent) != 0)
		p->count.garbage++;
}

/* 1 to go on, 0 where it is full, or gone. */
static int push(struct plugin *p)
{
	ssize_t n = write(p->in, p->buffer + p->off, p->len - p->off);

	if (n > 0) {
		wrote(p, (size_t)n);
		return 1;
	}
	if (n < 0 && errno == EINTR)
		return 1;
	p->in_waits = n < 0 && errno == EAGAIN && loop_mod(&p->d->loop, &p->in_source, EPOLLOUT) == 0;
	return 0;
}

void plugin_feed(struct plugin *p)
{
	int turns = 8; /* then the others */

	while (p->in >= 0 && !p->in_waits && turns-- > 0) {
		if (p->off == p->len) {
			if (p->suspended || !takes_events(p))
				return;
			refill(p);
		}
		if (p->off == p->len)
			return;
		dispatch_changed(p->d);
		if (!push(p))
			return;
	}
	/* what is left is found again by who waits for room in the pipe */
	if (p->in >= 0 && !p->in_waits)
		p->in_waits = loop_mod(&p->d->loop, &p->in_source, EPOLLOUT) == 0;
}

void plugin_feed_begin(struct plugin *p, const char *hello, size_t len)
{
	p->len = p->off = 0;
	p->lines = p->written = 0;
	p->in_waits = 0;
	p->next = p->cursor.acked + 1;
	p->sent = p->cursor.acked;
	add_line(p, hello, len, 0);
	plugin_limit(p);
	plugin_feed(p);
}

void plugin_feed_end(struct plugin *p)
{
	if (p->in < 0)
		return;
	loop_del(&p->d->loop, &p->in_source);
	close(p->in);
	p->in = -1;
	p->in_waits = 0;
}
