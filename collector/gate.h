/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_GATE_H
#define SHELLAC_GATE_H

#include <stdint.h>

#include "collector.h"
#include "identity.h"

struct session;

/*
 * Who may begin a session, and how much a session may write now: the store's
 * space, its user's quota and rate.  Root on a console passes all of it.
 */

/* Looks how much room there is; the ledger hears when it is short, and when not. */
void gate_look(struct collector *c, uint64_t now_ns);

/* 0, or the code to refuse with; *text is for the peer.  The log knows of it, unless
 * again: put_off.h asks each second. */
int gate_admit(struct collector *c, const struct peer_id *p, int again, const char **text);

/* Of the len bytes that its FIFO has, those that the session may bring in now:
 * all, or at least FRAME_MAX, or 0 with *why set to what it waits for. */
enum gate_wait { GATE_CRAWLS, GATE_NO_ROOM };
size_t gate_room(struct session *s, size_t len, enum gate_wait *why);

/* It brought in so many. */
void gate_took(struct session *s, size_t len);

/* Is it root on a console of this machine?  tty_dev as in a certificate. */
int gate_is_console(uid_t uid, uint32_t tty_dev);

#endif
