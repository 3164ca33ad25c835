/* SPDX-License-Identifier: ISC */
#include "replay/keyframes.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

void keyframes_init(struct keyframes *k)
{
	memset(k, 0, sizeof *k);
	k->step = KEYFRAMES_STEP;
	k->bytes_max = KEYFRAMES_ROOM;
}

void keyframes_release(struct keyframes *k)
{
	size_t i;

	for (i = 0; i < k->frames; i++)
		screen_shot_free(k->frame[i].shot);
	free(k->frame);
	memset(k, 0, sizeof *k);
}

static size_t size_of(const struct keyframe *f)
{
	return sizeof *f + screen_shot_size(f->shot);
}

/* Every other one goes, the first stays. */
static void thin(struct keyframes *k)
{
	size_t i, kept = 0;

	for (i = 0; i < k->frames; i++) {
		if (i % 2 == 0) {
			k->frame[kept++] = k->frame[i];
			continue;
		}
		k->bytes -= size_of(&k->frame[i]);
		screen_shot_free(k->frame[i].shot);
	}
	k->frames = kept;
	k->step *= 2;
}

static int wanted(const struct keyframes *k, const struct session_mark *m)
{
	const struct keyframe *last = keyframes_last(k);

	return last == NULL || m->chain.offset >= last->mark.chain.offset + k->step;
}

void keyframes_offer(struct keyframes *k, const struct session_mark *m, int64_t wall_ns,
    const struct screen *s)
{
	struct keyframe *f;

	if (!wanted(k, m) || array_room(&k->frame, k->frames, &k->room, sizeof *k->frame) != 0)
		return;
	f = &k->frame[k->frames];
	*f = (struct keyframe){ .mark = *m, .at_ns = m->chain.elapsed_ns, .wall_ns = wall_ns,
		.shot = screen_save(s) };
	if (f->shot == NULL)
		return;
	k->frames++;
	k->bytes += size_of(f);
	while (k->bytes > k->bytes_max && k->frames > 2)
		thin(k);
}

const struct keyframe *keyframes_last(const struct keyframes *k)
{
	return k->frames > 0 ? &k->frame[k->frames - 1] : NULL;
}

/* How many of them are not behind it?  Those of times can stand still, never go back. */
static const struct keyframe *before(const struct keyframes *k, const void *what,
    int (*behind)(const struct keyframe *f, const void *what))
{
	size_t low = 0, high = k->frames;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (behind(&k->frame[mid], what))
			high = mid;
		else
			low = mid + 1;
	}
	if (k->frames == 0)
		return NULL;
	return &k->frame[low > 0 ? low - 1 : 0];
}

static int time_behind(const struct keyframe *f, const void *what)
{
	return f->at_ns > *(const uint64_t *)what;
}

static int chunk_behind(const struct keyframe *f, const void *what)
{
	return f->mark.chain.chunk > *(const uint64_t *)what;
}

const struct keyframe *keyframes_by_time(const struct keyframes *k, uint64_t at_ns)
{
	return before(k, &at_ns, time_behind);
}

const struct keyframe *keyframes_by_chunk(const struct keyframes *k, uint64_t chunk)
{
	return before(k, &chunk, chunk_behind);
}

const struct keyframe *keyframes_by_wall(const struct keyframes *k, int64_t wall_ns)
{
	size_t i;

	/* a clock that was set back gives several: the first of them */
	for (i = 1; i < k->frames && k->frame[i].wall_ns < wall_ns; i++)
		;
	return k->frames > 0 ? &k->frame[i - 1] : NULL;
}
