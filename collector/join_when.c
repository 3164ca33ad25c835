/* SPDX-License-Identifier: ISC */
#include "join_internal.h"

#include <unistd.h>

#define SECOND 1000000000
#define UNKNOWN (INT64_MAX / 4)
#define ROUNDED (SECOND / 50)  /* of how long a life was; the kernel keeps 1/100 s */
#define WRITING (SECOND / 20) /* from a life's end to its record in the file, at most */

/*
 * A record says when a life began to a second, in one clock, and how long it was to 0.01
 * s, in another.  The kernel takes the full seconds of the length from those of the
 * clock: their sum is the second of the end.
 */
void join_when_init(struct join_when *w, const struct acct_record *r)
{
	*w = (struct join_when){ .to_ns = UNKNOWN, .to_boot_ns = UNKNOWN,
		.lived_ns = (uint64_t)(r->elapsed_s * SECOND),
		.end_s = (int64_t)r->btime + (int64_t)r->elapsed_s };
}

void join_read(struct join *j, uint64_t from_ns, uint64_t to_ns, uint64_t from_boot_ns,
    uint64_t to_boot_ns)
{
	for (; j->timed < j->entries; j->timed++) {
		struct join_when *w = &j->entry[j->timed].when;

		w->from_ns = from_ns;
		w->to_ns = to_ns;
		w->from_boot_ns = from_boot_ns;
		w->to_boot_ns = to_boot_ns;
	}
}

/* Nanoseconds between two ends, at least; a's record came before b's. */
static int64_t apart_by_clock(const struct join_when *a, const struct join_when *b)
{
	return (b->end_s - a->end_s - 1) * SECOND;
}

static int64_t apart(const struct join_when *a, const struct join_when *b)
{
	return b->from_ns == 0 ? apart_by_clock(a, b) :
	    (int64_t)b->from_ns - WRITING - (int64_t)a->to_ns;
}

/* a lived when b ended, whose record came before or (apart_ns) behind it */
static int lived_then(const struct join_when *a, int64_t apart_ns)
{
	return apart_ns <= (int64_t)a->lived_ns + ROUNDED;
}

/* It may have been an earlier life of the parent's pid: a child lived when that ended.
 * Without traffic nothing is read, and the clock knows better. */
static int may_be(const struct join_when *before, const struct join_when *of)
{
	return lived_then(of, apart(before, of)) && lived_then(of, apart_by_clock(before, of));
}

/* b began before a ended, whose record came before b's: no doubt */
static int began_before(const struct join_when *b, const struct join_when *a)
{
	if (a->from_ns != 0)
		return (int64_t)b->to_ns - (int64_t)b->lived_ns + ROUNDED + WRITING <=
		    (int64_t)a->from_ns;
	return (b->end_s - a->end_s + 1) * SECOND + ROUNDED <= (int64_t)b->lived_ns;
}

enum join_parent join_when_parent(const struct join_when *before, const struct join_when *of,
    const struct join_when *later)
{
	/* a child lived when its parent ended; and a pid is one life's at a time */
	if (!may_be(before, of) || began_before(later, of))
		return JOIN_LATER;
	return lived_then(later, apart(of, later)) ? JOIN_EITHER : JOIN_BEFORE;
}

enum join_parent join_when_parent_lives(const struct join_when *before,
    const struct join_when *of, uint64_t start_ticks)
{
	uint64_t tick_ns = SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t start_ns = start_ticks * tick_ns;

	if (!may_be(before, of) ||
	    (of->from_ns != 0 && start_ns + tick_ns + WRITING <= of->from_boot_ns))
		return JOIN_LATER;
	return start_ns <= of->to_boot_ns ? JOIN_EITHER : JOIN_BEFORE;
}
