/* SPDX-License-Identifier: ISC */
#include "still.h"

#include <unistd.h>

#include "clock.h"
#include "keeper.h"

#define SECOND UINT64_C(1000000000)
#define AWAY_NS (10 * SECOND) /* the FIFO is full, the collector connected but still */

void still_is_over(struct keeper *k)
{
	uint64_t now = clock_mono();

	if (now - k->blocked_ns >= FROZEN_NS)
		record_mark(&k->record, now, MARK_FROZEN, now - k->blocked_ns);
	k->blocked_ns = 0;
	k->noticed = 0;
}

static void say(struct keeper *k, const char *text, size_t len)
{
	if (k->pty.out >= 0 && write(k->pty.out, text, len) < 0)
		relay_hang_up(k, END_HANGUP);
}

/* One line for the user. */
static void notice(struct keeper *k, uint64_t now)
{
	static const char waits[] = "\r\nshellac-rec: nobody collects this session: it waits\r\n",
	    crawls[] = "\r\nshellac-rec: your quota is used up: this session goes on slowly\r\n";
	const int there = link_is_up(&k->link) && k->record.spool == NULL;

	if (k->noticed || now - k->blocked_ns < (there ? AWAY_NS : FROZEN_NS))
		return;
	k->noticed = 1;
	if (there && link_slow_until(&k->link) > now)
		say(k, crawls, sizeof(crawls) - 1);
	else
		say(k, waits, sizeof(waits) - 1);
}

static void stand(struct keeper *k, uint64_t now)
{
	const uint64_t limit = k->cfg->conf->freeze_limit * SECOND;

	if (k->blocked_ns == 0)
		k->blocked_ns = now;
	notice(k, now);
	if (limit != 0 && now - k->blocked_ns >= limit && k->reason != END_FAILURE)
		relay_hang_up(k, END_FAILURE);
}

/* The collector wants it so, which has nothing to do with the FIFO. */
static void hold(struct keeper *k, uint64_t now)
{
	static const char text[] = "\r\nshellac-rec: this session is held\r\n";

	if (k->link.held && k->held_ns == 0) {
		k->held_ns = now;
		say(k, text, sizeof(text) - 1);
	} else if (!k->link.held && k->held_ns != 0) {
		record_mark(&k->record, now, MARK_FROZEN, now - k->held_ns);
		k->held_ns = 0;
	}
}

void still_turn(struct keeper *k, uint64_t now)
{
	hold(k, now);
	if (away_stands(k) && !k->link.held)
		stand(k, now);
}
