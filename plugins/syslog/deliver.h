/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DELIVER_H
#define SHELLAC_DELIVER_H

#include "../feed.h"
#include "link.h"
#include "syslog_message.h"

#define DELIVER_BYTES (1u << 20) /* of messages held at most; room for one is always kept */
#define DELIVER_COUNT 1000

struct deliver_options {
	struct syslog_options message;
	struct link_options link;
	uint64_t confirm_s;    /* a message is proven to be read after so long at most */
	uint64_t drop_after_s; /* what waited so long is dropped and counted; 0 never */
};

/*
 * Messages on their way to the daemon.  They are held until link_prove() says that they were
 * read; where the link breaks before, all of them are sent again.
 */
struct deliver;

/* o and f are kept by reference.  0, or a negative value with the reason (LINK_REASON chars). */
int deliver_new(struct deliver **out, const struct deliver_options *o, struct feed *f,
    char *reason);
void deliver_free(struct deliver *d);

/* Takes one event; where there is no room for it, delivers what is held first.  0, -ENOMEM, or
 * -ECANCELED: SIGTERM ended the wait. */
int deliver_event(struct deliver *d, const struct feed_event *e);

/* Sends what is held, and where it is time (or now is set) makes sure of it and acknowledges
 * it.  As deliver_event(). */
int deliver_push(struct deliver *d, int now);

/* For feed_wait(): ms until deliver_push() has something to do, -1 nothing. */
int deliver_due_ms(const struct deliver *d);

#endif
