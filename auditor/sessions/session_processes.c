/* SPDX-License-Identifier: ISC */
#include "session_processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acct_record.h"
#include "array.h"
#include "process_walk.h"

/* Where n stands, or would. */
static size_t place_of(const struct session_sums *x, uint64_t n)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->sum[mid].n < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct session_sum *session_sums_of(struct session_sums *x, uint64_t n, int add)
{
	size_t at = x->last;

	if (at >= x->count || x->sum[at].n != n)
		at = place_of(x, n);
	if (at == x->count || x->sum[at].n != n) {
		if (!add)
			return NULL;
		if ((x->error = array_room(&x->sum, x->count, &x->room, sizeof *x->sum)) != 0)
			return NULL;
		memmove(x->sum + at + 1, x->sum + at, (x->count - at) * sizeof *x->sum);
		x->sum[at] = (struct session_sum){ .n = n };
		x->count++;
	}
	x->last = at;
	return &x->sum[at];
}

static void add_uid(struct session_sum *s, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < s->uids; i++)
		if (s->uid[i] == uid)
			return;
	if (s->uids < SESSION_UIDS)
		s->uid[s->uids++] = uid;
}

void session_sum_add(struct session_sum *a, const struct session_sum *b)
{
	uint32_t i;

	a->commands += b->commands;
	for (i = 0; i < b->uids; i++)
		add_uid(a, b->uid[i]);
}

static void take(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct session_sums *x = arg;
	struct session_sum *s;

	if (p->session == 0 || p->reason == REASON_RECORDER || x->error != 0)
		return;
	s = session_sums_of(x, p->session, 1);
	if (s == NULL)
		return;
	add_uid(s, r->uid);
	if (!(r->flags & ACCT_F_FORK))
		s->commands++;
}

int session_processes_read(struct session_sums *x, const struct store *s,
    struct session_cache *cache, int64_t now_ns)
{
	struct process_walk w = { .record = take, .arg = x };
	long files;

	(void)cache;
	(void)now_ns;
	memset(x, 0, sizeof *x);
	files = process_walk(s, &w);
	x->known = files > 0;
	return files < 0 ? (int)files : x->error;
}

void session_sums_release(struct session_sums *x)
{
	free(x->sum);
	memset(x, 0, sizeof *x);
}
