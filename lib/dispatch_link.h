/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCH_LINK_H
#define SHELLAC_DISPATCH_LINK_H

#include <sys/queue.h>

#include "dispatch_message.h"
#include "loop.h"

/* One end of the socket between the collector and shellac-dispatch.  Neither waits for the
 * other: what has no room is kept, in order, until there is. */
struct dispatch_waiting;

struct dispatch_link {
	struct loop *loop;
	struct source source;
	int sock; /* -1: none */
	/* a message, and what came with it (-1: nothing), which is closed unless it is taken and
	 * *fd set to -1; m NULL: the other end is gone, and nothing else will come */
	void (*take)(void *arg, const struct dispatch_message *m, int *fd);
	void (*over)(void *arg); /* no more messages for now; may be NULL */
	void *arg;
	STAILQ_HEAD(, dispatch_waiting) out;
	uint8_t in[DISPATCH_MAX + 1];
};

/* Takes sock over once it succeeds.  0 or -errno. */
int dispatch_link_open(struct dispatch_link *l, struct loop *loop, int sock,
    void (*take)(void *arg, const struct dispatch_message *m, int *fd), void (*over)(void *arg),
    void *arg);

/* What waits is dropped.  A link that is not open is fine. */
void dispatch_link_close(struct dispatch_link *l);

/* fd goes with it and stays the caller's, -1: none.  0 or -errno: it will not arrive. */
int dispatch_link_send(struct dispatch_link *l, const struct dispatch_message *m, int fd);

/* Sends what waits, as far as there is room. */
void dispatch_link_flush(struct dispatch_link *l);

/* Takes the messages that are there: 1, or 0 when the other end is gone. */
int dispatch_link_hear(struct dispatch_link *l);

/* Something waits. */
int dispatch_link_full(const struct dispatch_link *l);

#endif
