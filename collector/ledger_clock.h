/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_CLOCK_H
#define SHELLAC_LEDGER_CLOCK_H

#include <stdint.h>

/* The clocks at one moment, in nanoseconds (clock_gettime(2)). */
struct clock_reading {
	int64_t wall_ns;  /* CLOCK_REALTIME */
	uint64_t boot_ns; /* CLOCK_BOOTTIME */
	uint64_t mono_ns; /* CLOCK_MONOTONIC */
	uint64_t raw_ns;  /* CLOCK_MONOTONIC_RAW */
};

/* What the kernel says of its clock's discipline, adjtimex(2). */
struct clock_discipline {
	int64_t offset_ns;
	uint32_t state;   /* its status bits */
	uint64_t est_error_us;
};

/* From when on the wall clock's course is judged. */
struct clock_course {
	struct clock_reading from;
};

void clock_read(struct clock_reading *r);
void clock_discipline(struct clock_discipline *d);

/* By how much the wall clock has left the course that it had at from: it was set, or
 * runs faster or slower than slewing may make it (500 ppm).  0 while that is under half
 * a second; else the nanoseconds, and now is where the course goes on. */
int64_t clock_course_step(struct clock_course *c, const struct clock_reading *now);

#endif
