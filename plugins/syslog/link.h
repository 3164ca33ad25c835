/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINK_H
#define SHELLAC_LINK_H

#include <stddef.h>

#include "patience.h"

enum link_kind {
	LINK_LOCAL, /* datagrams to a socket of this machine */
	LINK_TCP,   /* RFC 6587, octet counting */
	LINK_TLS,   /* RFC 5425 */
};

struct link_options {
	enum link_kind kind;
	const char *path;      /* of the local socket */
	const char *host, *port;
	const char *name;      /* in the daemon's certificate; NULL: host */
	const char *ca;        /* file of authorities; NULL: those of the system */
	const char *cert, *key; /* this side's, PEM; NULL: none */
	int half_close;        /* link_prove() by an end of the connection */
};

#define LINK_REASON 200

/*
 * The way to one syslog daemon.  All calls wait as long as the patience lets them, and give
 * its -ETIMEDOUT or -ECANCELED.
 */
struct link;

/* Connects to nothing yet, but reads certificates.  o is kept by reference.  0, or a negative
 * value with the reason in reason (LINK_REASON chars). */
int link_new(struct link **out, const struct link_options *o, struct patience *p, char *reason);
void link_free(struct link *k);

/* Connects where it is not.  0 or negative. */
int link_open(struct link *k);

/* Sends one message in its frame.  0, or negative: the link is closed. */
int link_send(struct link *k, const char *message, size_t len);

/*
 * Makes sure that the daemon has read all that was sent since the link was opened: the local
 * socket is empty and not orphaned; a connection is ended and was not reset, which the kernel
 * of a daemon that goes with something unread does (RFC 2525, 2.17; RFC 9293, 3.6.1).  Without
 * half_close: the daemon's kernel has it.  0, or negative: the link is closed, and nobody
 * knows.  A connection is closed in either case, unless half_close is not set.
 */
int link_prove(struct link *k);

/* Why the last call failed, in words for the log. */
const char *link_reason(const struct link *k);

#endif
