/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PUSHER_H
#define SHELLAC_PUSHER_H

#include <jansson.h>

#include "collector.h"

/*
 * The ledger's way to its witnesses: a child process, shellac-push, that has the
 * network and nothing else.  It is started, with the policy, when there is one, and
 * started again when it ends.  What it brings back is checked before it becomes
 * ledger/cosigned; what is wrong with a witness is said on the log once.
 */
struct pusher;

/* Once the ledger is open.  A policy with errors is said, and nothing is pushed.  0 or
 * -errno. */
int pusher_open(struct pusher **out, struct collector *c);

/* Once the ledger is closed.  NULL is fine. */
void pusher_close(struct pusher *p);

/* The configuration, or the policy's file, may be another. */
void pusher_reread(struct pusher *p);

/* For status: one object for each witness.  NULL without memory. */
json_t *pusher_status(const struct pusher *p);

#endif
