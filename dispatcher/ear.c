/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "plugin.h"

#define READ_MAX 65536
#define NOISE_MAX (256 * 1024) /* bytes of no use in NOISE_NS, then it waits */
#define NOISE_NS UINT64_C(1000000000)
#define NOISE_WAIT_MS 500
#define FULL_WAIT_MS 20
#define LAST_READS 64          /* of who has ended */

/* The bytes of one line or of a part of it, end: the line is over. */
static void add(struct ear *e, const char *p, size_t len, int end)
{
	size_t room = e->max + 1 - e->len;

	if (len > room)
		e->noise += len - room;
	len = len < room ? len : room;
	memcpy(e->line + e->len, p, len);
	e->len += len;
	if (!end)
		return;
	e->line[e->len < e->max ? e->len : e->max] = '\0';
	e->take(e->p, e->line, e->len);
	e->len = 0;
}

/* 1 where there may be more, 0 where there is not now, -1 where never again. */
static int read_some(struct ear *e)
{
	static char buf[READ_MAX];
	const char *p = buf, *end;
	ssize_t n = read(e->fd, buf, sizeof(buf));

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	while ((end = memchr(p, '\n', (size_t)(buf + n - p))) != NULL) {
		add(e, p, (size_t)(end - p), 1);
		p = end + 1;
	}
	add(e, p, (size_t)(buf + n - p), 0);
	return 1;
}

static void pause_for(struct ear *e, unsigned ms)
{
	loop_del(&e->p->d->loop, &e->source);
	loop_timer(&e->p->d->loop, &e->again, ms);
}

static void event(void *arg, uint32_t events)
{
	struct ear *e = arg;
	uint64_t now = clock_mono();

	(void)events;
	if (dispatch_is_full(e->p->d)) {
		pause_for(e, FULL_WAIT_MS);
		return;
	}
	if (now - e->window_ns > NOISE_NS) {
		e->window_ns = now;
		e->noise = 0;
	}
	if (read_some(e) < 0)
		loop_del(&e->p->d->loop, &e->source);
	else if (e->noise > NOISE_MAX)
		pause_for(e, NOISE_WAIT_MS);
}

static void again(void *arg)
{
	struct ear *e = arg;

	if (loop_add(&e->p->d->loop, &e->source, e->fd, EPOLLIN, event, e) != 0)
		loop_timer(&e->p->d->loop, &e->again, NOISE_WAIT_MS);
}

int ear_open(struct ear *e, struct plugin *p, int fd, size_t max,
    void (*take)(struct plugin *p, char *line, size_t len))
{
	int r;

	*e = (struct ear){.p = p, .fd = fd, .take = take, .max = max, .line = malloc(max + 1),
		.again = {.fn = again, .arg = e}};
	r = e->line == NULL ? -ENOMEM : loop_add(&p->d->loop, &e->source, fd, EPOLLIN, event, e);
	if (r == 0)
		return 0;
	close(fd);
	free(e->line);
	e->fd = -1;
	e->line = NULL;
	return r;
}

void ear_close(struct ear *e)
{
	int i;

	if (e->fd < 0)
		return;
	for (i = 0; i < LAST_READS && read_some(e) > 0; i++)
		;
	loop_del(&e->p->d->loop, &e->source);
	loop_timer_clear(&e->again);
	close(e->fd);
	free(e->line);
	e->fd = -1;
	e->line = NULL;
}
