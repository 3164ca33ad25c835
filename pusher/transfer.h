/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TRANSFER_H
#define SHELLAC_TRANSFER_H

#include "target.h"

/*
 * Requests over HTTP, several at a time, by libcurl: to the URL that was given and to
 * no other (no redirects, no proxy, no cookies, no .netrc), for a bounded time, with
 * answers of bounded size.
 */
struct transfers;

/* Before anything else of libcurl.  0 or -ENOMEM. */
int transfers_new(struct transfers **out);
void transfers_free(struct transfers *t);

/* Posts body (copied) to url/add-checkpoint for number i < POLICY_WITNESSES_MAX, which
 * has none under way.  tag comes back with the answer.  0 or -ENOMEM, -EINVAL. */
int transfers_post(struct transfers *t, unsigned i, const char *url, const char *body, size_t len,
    uint64_t tag);

/* Has number i one under way? */
int transfers_busy(const struct transfers *t, unsigned i);

/* Works, waits for at most ms or until fd can be read, works.  0 or -EIO. */
int transfers_wait(struct transfers *t, int fd, unsigned ms);

/* An answer that has come: its number, or -1.  What a points to holds until the next
 * transfers_post() of that number. */
int transfers_next(struct transfers *t, struct target_answer *a, uint64_t *tag);

#endif
