/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_FILL_H
#define SHELLAC_REVIEW_FILL_H

#include "review/queue.h"
#include "review/verbs.h"

/* The queue of a store, and what its items point into. */
struct fill {
	struct queue queue;
	struct sessions *sessions;
	struct rules *rules;
	int status;          /* AUDIT_FINDING, AUDIT_CANNOT: something that was said is missing */
	size_t open, signed_off; /* sessions that nobody, that somebody has signed off */
	size_t entries_signed_off; /* terminals and missing sessions */
};

/* Opens the store and fills the queue.  An exit status, with a message; release it either
 * way. */
int fill_queue(struct fill *out, struct auditor *a, const struct review_args *args);
void fill_release(struct fill *f);

#endif
