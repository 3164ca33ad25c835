/* SPDX-License-Identifier: ISC */
#include "ledger_clock.h"

#include <sys/timex.h>
#include <time.h>

#include "clock.h"

#define STEP_NS 500000000
#define SLEW_PPM 500 /* the kernel's limit for a frequency, adjtimex(2) */

void clock_read(struct clock_reading *r)
{
	struct timespec raw;

	clock_gettime(CLOCK_MONOTONIC_RAW, &raw);
	r->raw_ns = (uint64_t)raw.tv_sec * 1000000000u + (uint64_t)raw.tv_nsec;
	r->mono_ns = clock_mono();
	r->boot_ns = clock_boot();
	r->wall_ns = clock_wall();
}

void clock_discipline(struct clock_discipline *d)
{
	struct timex t = {0};

	/* reading needs no privilege; where it fails, what is not known is zero */
	if (adjtimex(&t) < 0) {
		*d = (struct clock_discipline){.state = STA_UNSYNC};
		return;
	}
	d->offset_ns = (t.status & STA_NANO) != 0 ? t.offset : t.offset * 1000;
	d->state = (uint32_t)t.status;
	d->est_error_us = t.esterror > 0 ? (uint64_t)t.esterror : 0;
}

static int64_t apart(int64_t v)
{
	return v < 0 ? -v : v;
}

int64_t clock_course_step(struct clock_course *c, const struct clock_reading *now)
{
	const struct clock_reading *from = &c->from;
	/* slewing moves wall, boot and monotonic clock alike, setting only the first */
	int64_t set = (now->wall_ns - from->wall_ns) - (int64_t)(now->boot_ns - from->boot_ns);
	int64_t raw = (int64_t)(now->raw_ns - from->raw_ns);
	int64_t slewed = (int64_t)(now->mono_ns - from->mono_ns) - raw;

	if (apart(slewed) <= STEP_NS + raw / 1000000 * SLEW_PPM)
		slewed = 0;
	if (apart(set) <= STEP_NS)
		set = 0;
	if (set + slewed != 0)
		c->from = *now;
	return set + slewed;
}
