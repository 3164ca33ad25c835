/* SPDX-License-Identifier: ISC */
#include "process_events_clock.h"

#include "clock.h"

#define LOOKS 32
#define NEAR_NS UINT64_C(1000000)

int boot_offset_take(struct boot_offset *o, uint64_t mono_before_ns, uint64_t boot_ns,
    uint64_t mono_after_ns)
{
	int64_t low = (int64_t)(boot_ns - mono_after_ns);
	int64_t high = (int64_t)(boot_ns - mono_before_ns);
	int same = o->known && o->ns >= low && o->ns <= high;

	if (!same) {
		if (o->known) {
			o->doubt_from_ns = o->seen_ns;
			o->doubt_to_ns = mono_after_ns;
		}
		/* never suspended is exactly 0 */
		o->ns = low <= 0 && high >= 0 ? 0 : low + (high - low) / 2;
		o->known = 1;
	}
	o->seen_ns = mono_before_ns;
	return !same;
}

/* The narrowest of some readings: one that was interrupted says little. */
void boot_offset_look(struct boot_offset *o)
{
	uint64_t before, boot, after, best_before = 0, best_boot = 0, best_after = 0;
	int i;

	for (i = 0; i < LOOKS; i++) {
		before = clock_mono();
		boot = clock_boot();
		after = clock_mono();
		if (i == 0 || after - before < best_after - best_before) {
			best_before = before;
			best_boot = boot;
			best_after = after;
		}
		if (o->known && (int64_t)(boot - after) <= o->ns &&
		    (int64_t)(boot - before) >= o->ns)
			break;
	}
	if (i < LOOKS)
		o->seen_ns = before;
	else
		boot_offset_take(o, best_before, best_boot, best_after);
}

uint64_t boot_offset_apply(const struct boot_offset *o, uint64_t mono_ns)
{
	return mono_ns + (uint64_t)o->ns;
}

int boot_offset_doubts(const struct boot_offset *o, uint64_t mono_ns)
{
	return boot_offset_apply(o, mono_ns) % TICK_NS < NEAR_NS ||
	    (mono_ns >= o->doubt_from_ns && mono_ns < o->doubt_to_ns);
}
