/* SPDX-License-Identifier: ISC */
#include "player.h"

#include "clock.h"

#define PAUSE_NS 3600000000000 /* a look at a paused replay, once an hour */
#define SHORT_NS 500000        /* waits under this are made up for by the next */
#define LONGEST_NS 1000000000000000000 /* 30 years: keeps sums below their limit */

void player_start(struct player *p)
{
	p->due_ns = clock_mono();
}

/* What was left to wait at the old speed takes as long at the new one. */
static void set_speed(struct player *p, double speed)
{
	uint64_t now = clock_mono();

	if (speed < PLAYER_SPEED_MIN || speed > PLAYER_SPEED_MAX)
		return;
	if (p->due_ns > now)
		p->due_ns = now + (uint64_t)((double)(p->due_ns - now) * p->speed / speed);
	p->speed = speed;
}

static void handle_key(struct player *p, int key)
{
	switch (key) {
	case ' ':
		p->paused = !p->paused;
		break;
	case '+': case '}':
		set_speed(p, p->speed * 2);
		break;
	case '-': case '{':
		set_speed(p, p->speed / 2);
		break;
	case '.':
		p->due_ns = clock_mono();
		break;
	case 'q':
		p->stopped = 1;
		break;
	default:
		if (key >= TERMINAL_SIGNAL)
			p->stopped = key;
		break;
	}
}

/* One wait; a pause moves the moment that is waited for. */
static void wait_once(struct player *p)
{
	uint64_t start = clock_mono(), ns = 0;
	int paused = p->paused;

	if (paused)
		ns = PAUSE_NS;
	else if (p->due_ns > start)
		ns = p->due_ns - start;
	if (ns > 0)
		sink_flush(p->out);
	handle_key(p, terminal_wait(p->terminal, ns));
	if (paused)
		p->due_ns += clock_mono() - start;
}

int player_wait(struct player *p, uint64_t dt_ns)
{
	uint64_t ns = dt_ns < p->max_wait_ns ? dt_ns : p->max_wait_ns;

	if (!p->no_wait && ns > 0)
		p->due_ns += ns < LONGEST_NS ?
		    (uint64_t)((double)ns / p->speed) : (uint64_t)LONGEST_NS;
	if (p->no_wait)
		p->due_ns = 0;
	if (!p->no_wait && !p->paused && p->due_ns < clock_mono() + SHORT_NS && ns < SHORT_NS &&
	    p->out->len < p->out->size / 2)
		return 0;
	do
		wait_once(p);
	while (p->stopped == 0 && (p->paused || p->due_ns > clock_mono()));
	return p->stopped != 0;
}
