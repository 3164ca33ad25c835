/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PUT_OFF_H
#define SHELLAC_PUT_OFF_H

#include <sys/queue.h>

#include "identity.h"
#include "loop.h"
#include "message.h"

struct collector;

/*
 * Recorders that write to their spools and may not register yet: there is no room,
 * or there are too many sessions.  Their connections are kept, since the kernel's
 * word on who they are came with them, and they are asked for anew each second,
 * the oldest first.
 */
struct put_off {
	struct collector *c;
	TAILQ_HEAD(put_off_list, put_off_peer) peers;
	unsigned used;
	struct timer again;
};

void put_off_init(struct put_off *w, struct collector *c);
/* Closes all of their connections. */
void put_off_release(struct put_off *w);

/* Is this refusal of m one that may be put off? */
int put_off_may(const struct message *m, enum refused_code code);

/* Takes over sock, and registers p as soon as that is possible.  0, or -EMFILE
 * (max_sessions wait) or -errno with sock still the caller's. */
int put_off_add(struct put_off *w, const struct peer_id *p, const struct message *m, int sock);

#endif
