/* SPDX-License-Identifier: ISC */
#include "histogram.h"

#include <assert.h>

#define US UINT64_C(1000)
#define MS (1000 * US)

static const uint64_t bounds[HISTOGRAM_BOUNDS] = { 100 * US, 250 * US, 500 * US, MS, 2500 * US,
	5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 1000 * MS, 5000 * MS };

void histogram_add(struct histogram *h, uint64_t ns)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && ns > bounds[i])
		i++;
	h->count[i]++;
	h->sum_ns += ns;
}

uint64_t histogram_bound_ns(unsigned i)
{
	assert(i < HISTOGRAM_BOUNDS);
	return bounds[i];
}
