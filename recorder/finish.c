/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "devnull.h"
#include "keeper.h"
#include "front_note.h"
#include "survivors.h"

#define MS UINT64_C(1000000)
#define LAST_FLUSH_MS 1000
#define SURVIVORS_MS 1000 /* a front that does not answer is stopped */

int finish_flush(struct keeper *k, int ms)
{
	struct pollfd p = { .fd = k->record.fifo, .events = POLLOUT };
	uint64_t end = clock_mono() + (uint64_t)ms * MS, now;
	int r;

	while ((r = record_flush(&k->record)) == 1) {
		link_hurry(&k->link);
		now = clock_mono();
		if (now >= end || k->record.spool != NULL)
			break;
		poll(&p, 1, (int)((end - now) / MS) + 1);
	}
	return r;
}

/* A child subreaper without a child has no descendant.  Without an answer of the
 * front the list is empty, which says that something was left. */
static void record_survivors(struct keeper *k)
{
	uint8_t left[SURVIVORS_MAX * SURVIVOR_SIZE];
	siginfo_t si;
	ssize_t n;

	if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) != 0)
		return;
	n = survivors_ask(k->front, left, SURVIVORS_MAX, SURVIVORS_MS);
	if (n != 0)
		record_meta(&k->record, clock_mono(), META_SURVIVORS, left,
		    n < 0 ? 0 : (size_t)n * SURVIVOR_SIZE, SURVIVOR_SIZE);
}

static void seal_end(struct keeper *k)
{
	uint64_t now;

	hidden_end(&k->hidden);
	record_survivors(k);
	now = clock_mono();
	record_seal(&k->record, now, SEAL_END, SEAL_F_PROMPT, (uint32_t)k->status, k->reason);
}

/* Has the collector all of it?  It may have closed the session before its ack
 * could reach us, and then does not know it any more. */
static int is_done(struct keeper *k)
{
	int left = 1;

	if (record_pending(&k->record))
		return 0;
	if (k->link.acked >= k->record.sealer.frame)
		return 1;
	if (k->link.late)
		return k->link.refused != 0; /* it is taken in from its spool */
	if (k->link.refused != REFUSED_UNKNOWN)
		return 0;
	return k->record.spool != NULL || (ioctl(k->record.fifo, FIONREAD, &left) == 0 &&
	    left == 0);
}

static void await_ack(struct keeper *k)
{
	struct pollfd p[3];
	uint64_t now;
	int ms, wait;

	while (!is_done(k) && !link_is_gone(&k->link)) {
		wait = record_pending(&k->record) && k->record.spool == NULL;
		p[0] = (struct pollfd){ .fd = k->link.fd, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = k->signals, .events = POLLIN };
		p[2] = (struct pollfd){ .fd = wait ? k->record.fifo : -1, .events = POLLOUT };
		now = clock_mono();
		ms = k->link.fd >= 0 ? -1 : k->link.retry_ns <= now ? 0 :
		    (int)((k->link.retry_ns - now) / MS) + 1;
		poll(p, 3, ms);
		if (p[0].revents != 0)
			link_turn(&k->link, clock_mono());
		if (p[1].revents != 0)
			relay_signals(k);
		link_retry(&k->link, clock_mono());
		away_turn(k, clock_mono());
		record_flush(&k->record);
	}
}

static void linger(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

void finish_session(struct keeper *k)
{
	k->exited = 1;
	seal_end(k);
	finish_flush(k, LAST_FLUSH_MS);
	pty_restore(&k->pty);
	/* one that is stopped keeps it closed to whom the program left behind */
	if (k->front < 0 || front_note_send(k->front, FRONT_NOTE_STATUS, k->status) != 0)
		pty_let_open(&k->pty);
	/* nobody waits for the rest */
	pty_release(&k->pty);
	devnull_standard(k->null);
	link_hurry(&k->link);
	if (k->front >= 0)
		close(k->front);
	await_ack(k);
	link_release(&k->link);
	close(k->record.fifo);
	record_release(&k->record);
	spool_release(&k->spool);
	if (k->cfg->conf->linger)
		linger();
}
