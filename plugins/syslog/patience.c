/* SPDX-License-Identifier: ISC */
#include "patience.h"

#include <errno.h>

#include "clock.h"

#define MS UINT64_C(1000000)

/* Negative, or the ms that may pass until the limit. */
static int left(struct patience *p, int ms)
{
	uint64_t now = clock_mono(), end = p->until_ns;
	int r = -ETIMEDOUT;

	if (feed_stopped(p->feed)) {
		if (p->stopped_ns == 0)
			p->stopped_ns = now;
		if (end == 0 || end > p->stopped_ns + PATIENCE_STOPPED_MS * MS) {
			end = p->stopped_ns + PATIENCE_STOPPED_MS * MS;
			r = -ECANCELED;
		}
	}
	if (end == 0)
		return ms;
	if (now >= end)
		return r;
	return (end - now) / MS < (uint64_t)ms ? (int)((end - now) / MS) + 1 : ms;
}

int patience_wait(struct patience *p, int fd, short events, int ms)
{
	struct pollfd one = {.fd = fd, .events = events};
	int r;

	ms = left(p, ms);
	if (ms < 0)
		return ms;
	if (feed_stopped(p->feed))
		r = poll(&one, 1, ms) < 0 && errno != EINTR ? -errno : 0;
	else
		r = feed_pause(p->feed, &one, 1, ms);
	return r < 0 ? r : one.revents;
}
