/* SPDX-License-Identifier: ISC */
#include "quota.h"

#include <stdlib.h>

#define S UINT64_C(1000000000)
#define MINUTE_NS (60 * S)
#define DAY_NS (86400 * S)

void quota_init(struct quota *q)
{
	LIST_INIT(&q->users);
	q->over = 0;
}

static void forget(struct quota *q, struct quota_user *u)
{
	q->over -= u->over ? 1 : 0;
	LIST_REMOVE(u, link);
	free(u);
}

void quota_release(struct quota *q)
{
	while (!LIST_EMPTY(&q->users))
		forget(q, LIST_FIRST(&q->users));
}

/* Paid off evenly.  What is less than a byte waits until it is one. */
static void pay(struct quota_user *u, uint64_t now_ns)
{
	uint64_t paid;

	if (u->debt == 0 || u->debt_ns == 0) {
		u->debt_ns = now_ns;
		return;
	}
	if (u->limit == 0 || now_ns <= u->debt_ns)
		return;
	paid = (uint64_t)((double)u->limit * (double)(now_ns - u->debt_ns) / (double)DAY_NS);
	if (paid == 0)
		return;
	u->debt = paid < u->debt ? u->debt - paid : 0;
	u->debt_ns = now_ns;
}

/* Nothing to remember: as somebody who was never seen. */
static int is_idle(struct quota_user *u, uint64_t now_ns)
{
	pay(u, now_ns);
	return u->live == 0 && u->debt == 0 && u->starts_ns <= now_ns;
}

struct quota_user *quota_user(struct quota *q, uint32_t uid, uint64_t now_ns)
{
	struct quota_user *u, *next;

	for (u = LIST_FIRST(&q->users); u != NULL; u = next) {
		next = LIST_NEXT(u, link);
		if (u->uid == uid)
			return u;
		if (is_idle(u, now_ns))
			forget(q, u);
	}
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return NULL;
	u->uid = uid;
	LIST_INSERT_HEAD(&q->users, u, link);
	return u;
}

int quota_look(struct quota *q, struct quota_user *u, uint64_t limit, uint64_t now_ns)
{
	int over;

	pay(u, now_ns);
	u->limit = limit;
	if (limit == 0)
		over = 0;
	else
		over = u->debt >= (u->over ? limit - limit / 8 : limit);
	if (over == u->over)
		return 0;
	u->over = over;
	q->over += over ? 1u : -1u;
	return over ? 1 : -1;
}

uint64_t quota_room(const struct quota_user *u)
{
	if (u->limit == 0)
		return UINT64_MAX;
	return u->debt < u->limit ? u->limit - u->debt : 0;
}

/* What crawls in is not owed: the way back from a quota takes hours as it is. */
void quota_spend(struct quota_user *u, uint64_t len, uint64_t now_ns)
{
	if (u->over)
		return;
	pay(u, now_ns);
	u->debt += len;
}

int quota_start(struct quota_user *u, unsigned rate, uint64_t now_ns)
{
	uint64_t each;

	if (rate == 0)
		return 1;
	each = MINUTE_NS / rate;
	if (u->starts_ns < now_ns)
		u->starts_ns = now_ns;
	if (u->starts_ns - now_ns > MINUTE_NS - each)
		return 0;
	u->starts_ns += each;
	return 1;
}

/* Many sessions of one user share what CRAWL_SHARES would have. */
static uint64_t ns_per_byte(unsigned live)
{
	uint64_t each = S / CRAWL_RATE;

	return live > CRAWL_SHARES ? each * live / CRAWL_SHARES : each;
}

uint64_t crawl_room(uint64_t crawl_ns, unsigned live, uint64_t now_ns)
{
	uint64_t room;

	if (now_ns <= crawl_ns)
		return 0;
	room = (now_ns - crawl_ns) / ns_per_byte(live);
	return room < CRAWL_BURST ? room : CRAWL_BURST;
}

void crawl_spend(uint64_t *crawl_ns, unsigned live, uint64_t len, uint64_t now_ns)
{
	uint64_t full = CRAWL_BURST * ns_per_byte(live), from;

	from = now_ns > full ? now_ns - full : 0;
	if (*crawl_ns < from)
		*crawl_ns = from;
	*crawl_ns += len * ns_per_byte(live);
}
