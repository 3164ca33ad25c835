/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCHER_INTERNAL_H
#define SHELLAC_DISPATCHER_INTERNAL_H

#include "dispatch_link.h"
#include "dispatcher.h"

struct dispatcher {
	struct collector *c;
	struct dispatch_link link;   /* to the child that runs */
	pid_t pid;
	int told_to_end;             /* there is no plugin any more */
	struct timer again, tail_timer;
	unsigned delay_ms;
	uint64_t started_ns;
	uint64_t tail;               /* of the journal */
	json_t *status;              /* what the child said last; NULL */
	unsigned long dropping;      /* plugins that drop events for want of room */
};

/* Starts the child, and *sock is the way to it.  0 or -errno. */
int dispatcher_spawn(struct dispatcher *d, int *sock);

/* Takes one message of the child's. */
void dispatcher_hear(struct dispatcher *d, const struct dispatch_message *m);

#endif
