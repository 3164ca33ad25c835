/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_EVENTS_CLOCK_H
#define SHELLAC_PROCESS_EVENTS_CLOCK_H

#include <stdint.h>

/*
 * From an event's CLOCK_MONOTONIC to the CLOCK_BOOTTIME that /proc counts starts in.
 * They differ by the time that the host was suspended for, which nothing tells; it is
 * looked at with each batch of events.
 */
struct boot_offset {
	int64_t ns;
	uint64_t seen_ns;  /* CLOCK_MONOTONIC when ns was last found to hold */
	uint64_t doubt_from_ns, doubt_to_ns; /* between the two it has changed */
	int known;
};

/* boot_ns was read between mono_before_ns and mono_after_ns.  1 where the offset has
 * changed, 0 where it still may be so. */
int boot_offset_take(struct boot_offset *o, uint64_t mono_before_ns, uint64_t boot_ns,
    uint64_t mono_after_ns);

/* Reads the clocks, more often where that is needed. */
void boot_offset_look(struct boot_offset *o);

uint64_t boot_offset_apply(const struct boot_offset *o, uint64_t mono_ns);

/* The kernel takes the time stamp of a fork some 150 ns after the start of the life that
 * /proc shows, later where it is interrupted in between: so near behind a tick's begin, or
 * a change of the offset, the tick may be another.  Seldom it is that late by more. */
int boot_offset_doubts(const struct boot_offset *o, uint64_t mono_ns);

/* Ticks of 1/100 s, as in /proc/PID/stat. */
#define TICK_NS UINT64_C(10000000)

#endif
