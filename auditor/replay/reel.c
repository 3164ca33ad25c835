/* SPDX-License-Identifier: ISC */
#include "replay/reel.h"

#include <errno.h>
#include <string.h>

#include "clock.h"

int reel_open(struct reel *r, int fd)
{
	int e;

	memset(r, 0, sizeof *r);
	keyframes_init(&r->keys);
	if ((e = screen_new(&r->screen, HEAD_ROWS, HEAD_COLS)) != 0 ||
	    (e = head_open(&r->front, fd, &r->seen, &r->keys, r->screen)) != 0)
		return e;
	return head_open(&r->scout, fd, &r->seen, &r->keys, r->screen);
}

void reel_release(struct reel *r)
{
	head_release(&r->front);
	head_release(&r->scout);
	keyframes_release(&r->keys);
	seen_release(&r->seen);
	screen_shot_free(r->parked);
	screen_free(r->screen);
	memset(r, 0, sizeof *r);
}

static uint64_t offset_of(const struct head *h)
{
	return h->in->border.chain.offset;
}

/* The scout has the screen: goes on from where it was, or from where somebody was faster. */
static int scout_from(struct reel *r)
{
	const struct keyframe *last = keyframes_last(&r->keys);

	if (last != NULL && (r->parked == NULL || last->mark.chain.offset > offset_of(&r->scout)))
		return head_go(&r->scout, last);
	return r->parked != NULL ? screen_restore(r->screen, r->parked) : 0;
}

static int scout_on(struct reel *r, uint64_t ns)
{
	uint64_t end = clock_mono() + ns;
	int e = scout_from(r);

	if (e != 0)
		return e;
	while ((e = head_chunk(&r->scout)) > 0 && clock_mono() < end)
		;
	screen_shot_free(r->parked);
	r->parked = screen_save(r->screen);
	return e >= 0 && r->parked == NULL ? -ENOMEM : e;
}

int reel_scout(struct reel *r, uint64_t ns)
{
	struct screen_shot *front;
	int e, back;

	if (r->scouted || keyframes_last(&r->keys) == NULL)
		return 0;
	front = screen_save(r->screen);
	if (front == NULL)
		return -ENOMEM;
	e = scout_on(r, ns);
	back = screen_restore(r->screen, front);
	screen_shot_free(front);
	r->scouted = e <= 0;
	return back != 0 ? back : e;
}

uint64_t reel_known(const struct reel *r)
{
	const struct keyframe *last = keyframes_last(&r->keys);
	uint64_t far = r->scout.at_ns > r->front.at_ns ? r->scout.at_ns : r->front.at_ns;

	return last != NULL && last->at_ns > far ? last->at_ns : far;
}

/* Is it better to go on from where the front is than from k? */
static int go_on(const struct reel *r, const struct keyframe *k, int before)
{
	return k == NULL || (before && k->mark.chain.offset <= offset_of(&r->front));
}

int reel_seek(struct reel *r, uint64_t at_ns)
{
	const struct keyframe *k = keyframes_by_time(&r->keys, at_ns);
	struct head *h = &r->front;
	int e = 0;

	if (!go_on(r, k, h->at_ns <= at_ns && h->part == 0))
		e = head_go(h, k);
	while (e == 0 && (e = head_peek(h)) > 0 && h->next.at_ns <= at_ns) {
		head_take(h);
		e = 0;
	}
	return e < 0 ? e : 0;
}

static int pass_chunk(struct head *h)
{
	int r = head_chunk(h);

	return r < 0 ? r : 0;
}

int reel_seek_wall(struct reel *r, int64_t wall_ns)
{
	const struct keyframe *k = keyframes_by_wall(&r->keys, wall_ns);
	struct head *h = &r->front;
	int e = k != NULL ? head_go(h, k) : 0;
	uint64_t back, at;

	while (e == 0 && (e = head_peek(h)) > 0 && h->in->wall_ns < wall_ns)
		e = pass_chunk(h);
	if (e <= 0)
		return e;
	back = (uint64_t)(h->in->wall_ns - wall_ns);
	at = back < h->in->end_ns - h->in->begin_ns ? h->in->end_ns - back : h->in->begin_ns;
	return reel_seek(r, at);
}

int reel_seek_chunk(struct reel *r, uint64_t chunk)
{
	const struct keyframe *k = keyframes_by_chunk(&r->keys, chunk);
	struct head *h = &r->front;
	int e = k != NULL ? head_go(h, k) : 0;

	while (e == 0 && (e = head_peek(h)) > 0 && (uint64_t)h->next.chunk < chunk)
		e = pass_chunk(h);
	return e < 0 ? e : 0;
}

void reel_again(struct reel *r)
{
	r->scouted = 0;
}
