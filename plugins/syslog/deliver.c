/* SPDX-License-Identifier: ISC */
#include "deliver.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "losses.h"

#define RETRY_FIRST_MS 100
#define RETRY_LAST_MS 5000
#define LOSSES_MS 5000 /* after which losses are told without an event */
#define MS UINT64_C(1000000)

struct deliver {
	const struct deliver_options *o;
	struct feed *feed;
	struct patience patience;
	struct link *link;
	struct losses losses;
	uint64_t oldest_ns;  /* when the first of what is held was taken */
	uint64_t first, last; /* their numbers; 0 none has one */
	uint64_t told;       /* losses that a message among them tells */
	uint64_t down_ns;    /* since when the daemon is not to be reached; 0 it is */
	size_t bytes, count, events, sent;
	size_t end[DELIVER_COUNT + 1]; /* end[i]: where message i ends, and i + 1 starts */
	char buf[DELIVER_BYTES];
};

int deliver_new(struct deliver **out, const struct deliver_options *o, struct feed *f,
    char *reason)
{
	struct deliver *d = calloc(1, sizeof(*d));
	int r;

	if (d == NULL)
		return -ENOMEM;
	d->o = o;
	d->feed = f;
	d->patience.feed = f;
	r = link_new(&d->link, &o->link, &d->patience, reason);
	if (r != 0) {
		free(d);
		return r;
	}
	*out = d;
	return 0;
}

void deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	link_free(d->link);
	losses_release(&d->losses);
	free(d);
}

static int full(const struct deliver *d)
{
	return d->count == DELIVER_COUNT || sizeof(d->buf) - d->bytes < d->o->message.max;
}

static int hold(struct deliver *d, const struct feed_event *e)
{
	size_t n = syslog_message(d->buf + d->bytes, &d->o->message, e);

	if (n == 0)
		return -ENOMEM;
	if (d->count == 0)
		d->oldest_ns = clock_mono();
	d->bytes += n;
	d->end[++d->count] = d->bytes;
	return 0;
}

/* Before others, so that it stands where the gap is. */
static int hold_losses(struct deliver *d)
{
	struct feed_event e;
	int r;

	if (d->count > 0 || d->losses.count == 0)
		return 0;
	if ((r = losses_event(&d->losses, &e)) != 0)
		return r;
	r = hold(d, &e);
	d->told = r == 0 ? d->losses.count : 0;
	losses_event_release(&e);
	return r;
}

int deliver_event(struct deliver *d, const struct feed_event *e)
{
	int r = 0;

	if (full(d))
		r = deliver_push(d, 1);
	if (r != 0 || (r = hold_losses(d)) != 0 || (r = hold(d, e)) != 0)
		return r;
	losses_origin(&d->losses, e->json);
	d->events++;
	if (e->seq > 0) {
		d->last = e->seq;
		if (d->first == 0)
			d->first = e->seq;
	}
	return 0;
}

static void let_go(struct deliver *d)
{
	if (d->last > 0)
		feed_ack(d->feed, d->last);
	d->bytes = d->count = d->events = d->sent = 0;
	d->first = d->last = d->told = 0;
}

static void drop(struct deliver *d)
{
	log_error("%zu events waited %llu s for the daemon and are dropped", d->events,
	    (unsigned long long)d->o->drop_after_s);
	losses_add(&d->losses, d->events, d->first, d->last);
	let_go(d);
}

static void delivered(struct deliver *d)
{
	losses_told(&d->losses, d->told);
	let_go(d);
}

static int send_held(struct deliver *d)
{
	int r = link_open(d->link);

	if (r == 0 && d->down_ns != 0) {
		log_notice("the daemon is there again, after %llu s",
		    (unsigned long long)((clock_mono() - d->down_ns) / (1000 * MS)));
		d->down_ns = 0;
	}
	for (; r == 0 && d->sent < d->count; d->sent += r == 0)
		r = link_send(d->link, d->buf + d->end[d->sent],
		    d->end[d->sent + 1] - d->end[d->sent]);
	return r;
}

/* Everything held is to be sent again, some of it perhaps for the second time. */
static void broken(struct deliver *d)
{
	if (d->down_ns == 0) {
		d->down_ns = clock_mono();
		log_warn("the daemon cannot be reached, events wait: %s", link_reason(d->link));
	}
	if (d->sent > 0)
		log_warn("%zu messages that it did not confirm are sent again", d->sent);
	d->sent = 0;
}

static int due(const struct deliver *d)
{
	return d->count > 0 && clock_mono() - d->oldest_ns >= d->o->confirm_s * 1000 * MS;
}

/* One try: 0 done, or negative. */
static int try(struct deliver *d, int now)
{
	int r = send_held(d);

	if (r != 0 || !(now || due(d)))
		return r;
	r = link_prove(d->link);
	if (r == 0)
		delivered(d);
	return r;
}

int deliver_push(struct deliver *d, int now)
{
	int delay_ms = RETRY_FIRST_MS, r = hold_losses(d);

	if (r != 0 || d->count == 0)
		return r;
	d->patience.until_ns = d->o->drop_after_s == 0 ? 0 :
	    d->oldest_ns + d->o->drop_after_s * 1000 * MS;
	while ((r = try(d, now)) < 0) {
		if (r != -ETIMEDOUT && r != -ECANCELED) {
			broken(d);
			r = patience_wait(&d->patience, -1, 0, delay_ms);
			delay_ms = 2 * delay_ms < RETRY_LAST_MS ? 2 * delay_ms : RETRY_LAST_MS;
		}
		if (r == -ETIMEDOUT) {
			drop(d);
			return 0;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int deliver_due_ms(const struct deliver *d)
{
	uint64_t end = d->oldest_ns + d->o->confirm_s * 1000 * MS, now = clock_mono();

	if (d->count == 0)
		return d->losses.count > 0 ? LOSSES_MS : -1;
	return now >= end ? 0 : (int)((end - now) / MS) + 1;
}
