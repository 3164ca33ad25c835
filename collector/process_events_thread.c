/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "process_events_internal.h"

#define TELL_NS UINT64_C(10000000)
#define MS_NS UINT64_C(1000000)
/* Lets messages gather: a wake-up for each would cost more than the message. */
#define REST_NS 5000000
#define REST_ARGS_NS 100000 /* what /proc says of a program that ends at once is soon gone */

static void add_counts(struct event_counts *to, struct event_counts *from)
{
	to->messages += from->messages;
	to->events += from->events;
	to->forks += from->forks;
	to->execs += from->execs;
	to->lost += from->lost;
	to->losses += from->losses;
	to->texts_missing += from->texts_missing;
	to->foreign += from->foreign;
	to->malformed += from->malformed;
	memset(from, 0, sizeof(*from));
}

static void publish_one(struct process_events *pe, const struct pevent *e)
{
	struct fork_seen *seen = &pe->saw[e->pid % EVENTS_SAW];
	uint32_t tick = (uint32_t)(e->boot_ns / TICK_NS);

	if (event_queue_put(&pe->queue, e))
		pe->count.losses++;
	if (e->what == PEVENT_LOSS)
		pe->loss_tick = tick;
	if (e->what == PEVENT_FORK)
		*seen = (struct fork_seen){.pid = e->pid, .tick = tick};
}

/* Hands the batch on.  A question is answered when the socket was empty after it, or a
 * message is later than it: one socket's messages stand in the order they were sent. */
static void publish(struct process_events *pe, uint64_t answers)
{
	int taken = 0;
	unsigned i;

	pthread_mutex_lock(&pe->lock);
	for (i = 0; i < pe->n; i++)
		publish_one(pe, &pe->batch[i]);
	add_counts(&pe->count, &pe->fresh);
	if (pe->newest_ns > pe->asked_ns)
		answers = pe->asked;
	if (answers > pe->answered) {
		pe->answered = answers;
		taken = pe->waits;
		pthread_cond_broadcast(&pe->answer);
	}
	pthread_mutex_unlock(&pe->lock);
	pe->untold = taken ? 0 : pe->untold || pe->n > 0; /* who asked takes all */
	pe->n = 0;
}

static uint64_t asked(struct process_events *pe)
{
	uint64_t n;

	pthread_mutex_lock(&pe->lock);
	n = pe->asked;
	pthread_mutex_unlock(&pe->lock);
	return n;
}

/* Says that there are events, if that was not said within the last 10 ms. */
static void tell(struct process_events *pe)
{
	const uint64_t one = 1, now = clock_mono();

	if (!pe->untold || now < pe->told_ns + TELL_NS)
		return;
	pe->untold = 0;
	pe->told_ns = now;
	/* fails only where the counter is at its end, and then it is readable */
	if (write(pe->tell, &one, sizeof(one)) < 0)
		return;
}

/* Only the kernel's word is taken: anybody's else has a port. */
static void take_datagram(struct process_events *pe, unsigned i)
{
	const struct mmsghdr *h = &pe->reads.msg[i];
	struct proc_connector m;

	if (h->msg_hdr.msg_namelen != sizeof(struct sockaddr_nl) || pe->reads.from[i].nl_pid != 0)
		pe->fresh.foreign++;
	else if ((h->msg_hdr.msg_flags & MSG_TRUNC) != 0 ||
	    proc_connector_parse(pe->reads.bytes[i], h->msg_len, &m) != 0)
		pe->fresh.malformed++;
	else
		events_message(pe, &m);
}

static int read_some(struct process_events *pe)
{
	struct event_reads *in = &pe->reads;
	unsigned i;
	int n;

	for (i = 0; i < EVENTS_READ; i++) {
		in->iov[i] = (struct iovec){.iov_base = in->bytes[i],
			.iov_len = sizeof(in->bytes[i])};
		in->msg[i].msg_hdr = (struct msghdr){.msg_name = &in->from[i],
			.msg_namelen = sizeof(in->from[i]), .msg_iov = &in->iov[i],
			.msg_iovlen = 1};
	}
	n = recvmmsg(pe->sock, in->msg, EVENTS_READ, MSG_DONTWAIT, NULL);
	return n < 0 ? -errno : n;
}

/* The batch is handed on when it may be full, else when the socket is empty: so what an
 * exec's look at /proc saw of the next one is mostly noticed within a batch. */
int events_drain(struct process_events *pe)
{
	uint64_t question;
	unsigned i;
	int n;

	for (;;) {
		question = asked(pe);
		n = read_some(pe);
		boot_offset_look(&pe->offset); /* all that was read was sent before */
		for (i = 0; n > 0 && i < (unsigned)n; i++) {
			take_datagram(pe, i);
			if (pe->n + 2 > EVENTS_BATCH)
				publish(pe, 0);
		}
		tell(pe);
		if (n == -ENOBUFS)
			pe->overrun = 1;
		else if (n == -EAGAIN)
			break;
		else if (n < 0 && n != -EINTR)
			return n;
	}
	events_drained(pe);
	publish(pe, question);
	tell(pe);
	return 0;
}

static int timeout_ms(const struct process_events *pe)
{
	uint64_t now = clock_mono(), due = pe->told_ns + TELL_NS;

	if (!pe->untold)
		return -1;
	return due <= now ? 0 : (int)((due - now + MS_NS - 1) / MS_NS);
}

/* What happens from here on nobody sees: a loss, and each taker is told. */
static void ended(struct process_events *pe, int error)
{
	const struct pevent loss = {.what = PEVENT_LOSS, .boot_ns = clock_boot()};

	pthread_mutex_lock(&pe->lock);
	pe->error = error;
	event_queue_put(&pe->queue, &loss);
	pe->count.losses++;
	pthread_cond_broadcast(&pe->answer);
	pthread_mutex_unlock(&pe->lock);
	pe->untold = 1;
	pe->told_ns = 0;
	tell(pe);
}

static int is_to_stop(struct process_events *pe)
{
	int stop;

	pthread_mutex_lock(&pe->lock);
	stop = pe->stop;
	pthread_mutex_unlock(&pe->lock);
	return stop;
}

/* Until there is something to be read, and a little longer; a question ends that.  0 or
 * -errno. */
static int rest(struct process_events *pe)
{
	const struct timespec more = {.tv_nsec = pe->read_args ? REST_ARGS_NS : REST_NS};
	struct pollfd p[2] = {{.fd = pe->sock, .events = POLLIN},
		{.fd = pe->wake, .events = POLLIN}};
	int r = poll(p, 2, timeout_ms(pe));

	if (r > 0 && p[1].revents == 0)
		r = ppoll(&p[1], 1, &more, NULL);
	return r < 0 && errno != EINTR ? -errno : 0;
}

void *events_main(void *arg)
{
	struct process_events *pe = arg;
	uint64_t n;
	int r = 0;

	prctl(PR_SET_NAME, "events");
	prctl(PR_SET_TIMERSLACK, 1);
	while (r == 0 && !is_to_stop(pe)) {
		r = rest(pe);
		/* EAGAIN: nobody woke it, the socket did */
		if (r == 0 && read(pe->wake, &n, sizeof(n)) < 0 && errno != EAGAIN)
			r = -errno;
		if (r == 0)
			r = events_drain(pe);
	}
	if (r != 0)
		ended(pe, r);
	return NULL;
}
