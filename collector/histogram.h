/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HISTOGRAM_H
#define SHELLAC_HISTOGRAM_H

#include <stdint.h>

/* How often something took how long.  Bounds are fixed, so that counts of different times
 * and hosts can be added; they are close together where a person begins to notice. */
#define HISTOGRAM_BOUNDS 14

struct histogram {
	uint64_t count[HISTOGRAM_BOUNDS + 1]; /* up to each bound; above the last */
	uint64_t sum_ns;
};

/* One that took so long. */
void histogram_add(struct histogram *h, uint64_t ns);

/* The bounds in nanoseconds, ascending; i below HISTOGRAM_BOUNDS. */
uint64_t histogram_bound_ns(unsigned i);

#endif
