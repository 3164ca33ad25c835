/* SPDX-License-Identifier: ISC */
#include "join_internal.h"

#include <unistd.h>

#include "bytes.h"

#define SECOND UINT64_C(1000000000)
#define SLACK (SECOND / 10) /* of when a life began and ended, by what its record says */
#define STATUS_AT 4         /* in struct acct_v3: the wait status */
#define SIGNAL_BITS 0x7f

static uint64_t ns_of(uint64_t ticks)
{
	return ticks * (SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

void join_orphan_look(struct join *j, const struct join_entry *e)
{
	const struct join_keeper *k;

	if (e->keeper == 0 || (get_u32(e->raw + STATUS_AT) & SIGNAL_BITS) == 0)
		return;
	k = &j->keeper[e->keeper - 1];
	for (size_t i = 0; i < JOIN_KILLED; i++)
		if (j->killed[i].n == k->n)
			return;
	j->killed[j->killed_next] = (struct join_killed){ .n = k->n,
		.start_ticks = k->start_ticks, .when = e->when };
	j->killed_next = (j->killed_next + 1) % JOIN_KILLED;
}

/* It began between these, while the keeper lived. */
static int began_below(const struct join_killed *k, uint64_t from_ns, uint64_t to_ns)
{
	return to_ns + SLACK >= ns_of(k->start_ticks) && from_ns <= k->when.to_boot_ns + SLACK;
}

int join_orphan_may_be(const struct join *j, const struct join_when *of)
{
	for (size_t i = 0; i < JOIN_KILLED; i++) {
		const struct join_killed *k = &j->killed[i];

		if (k->n != 0 && of->to_boot_ns + SLACK >= k->when.from_boot_ns &&
		    began_below(k, less(of->from_boot_ns, of->lived_ns),
		    less(of->to_boot_ns, of->lived_ns)))
			return 1;
	}
	return 0;
}

int join_orphan_may_live(const struct join *j, uint64_t start_ticks)
{
	uint64_t start_ns = ns_of(start_ticks);

	for (size_t i = 0; i < JOIN_KILLED; i++)
		if (j->killed[i].n != 0 && began_below(&j->killed[i], start_ns, start_ns))
			return 1;
	return 0;
}
