/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_QUOTA_H
#define SHELLAC_QUOTA_H

#include <stdint.h>
#include <sys/queue.h>

/*
 * What each user has had of the store lately.  A user's bytes are a debt that is
 * paid off evenly, one whole quota a day; who owes a whole quota is over it until
 * an eighth is paid off.  The sessions of such a user crawl, they do not stop:
 * a shell that can still be typed to needs no way round the record.
 *
 * All times are CLOCK_MONOTONIC ns, and never 0.
 */
struct quota_user {
	LIST_ENTRY(quota_user) link;
	uint32_t uid;
	unsigned live;      /* sessions */
	uint64_t debt;      /* bytes, as of debt_ns */
	uint64_t debt_ns;
	uint64_t limit;     /* as the debt was last looked at; 0: none */
	uint64_t starts_ns; /* when the sessions begun so far are within the rate */
	int over;
};

struct quota {
	LIST_HEAD(, quota_user) users;
	unsigned over; /* users */
};

/* What a session of a user over quota may bring in: a few frames, and then
 * CRAWL_RATE bytes a second, of which a user gets CRAWL_SHARES. */
#define CRAWL_RATE 4096
#define CRAWL_SHARES 8
#define CRAWL_BURST 16384

void quota_init(struct quota *q);
void quota_release(struct quota *q);

/* The user, who stays as long as live is not 0.  NULL without memory. */
struct quota_user *quota_user(struct quota *q, uint32_t uid, uint64_t now_ns);

/* Brings the debt up to date for a quota of limit bytes a day, 0 for none.
 * 1 when the user has just gone over it, -1 when back, else 0. */
int quota_look(struct quota *q, struct quota_user *u, uint64_t limit, uint64_t now_ns);

/* Bytes that the user may bring in before the quota is used up; as of the last
 * look. */
uint64_t quota_room(const struct quota_user *u);

/* The user brought in len bytes. */
void quota_spend(struct quota_user *u, uint64_t len, uint64_t now_ns);

/* One more session within rate a minute (0: any)?  Then it is counted and the
 * answer 1. */
int quota_start(struct quota_user *u, unsigned rate, uint64_t now_ns);

/* One crawling session of a user with live ones: the bytes it may take now, and
 * that it took them.  *crawl_ns is 0 at first. */
uint64_t crawl_room(uint64_t crawl_ns, unsigned live, uint64_t now_ns);
void crawl_spend(uint64_t *crawl_ns, unsigned live, uint64_t len, uint64_t now_ns);

#endif
