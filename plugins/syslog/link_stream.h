/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINK_STREAM_H
#define SHELLAC_LINK_STREAM_H

#include <stddef.h>

#include "patience.h"

/* link.h for TCP.  Sockets do not block. */

/* A connection to one of the addresses of host, or a negative value with the reason. */
int link_stream_open(const char *host, const char *port, struct patience *p, char *reason);
int link_stream_send(int fd, struct patience *p, const void *data, size_t len);

/* 1 when the daemon has ended its side. */
int link_stream_ended(int fd);

/* Ends this side and waits for the other: 0 when it has read all and ended without a reset.
 * Anything else is negative. */
int link_stream_finish(int fd, struct patience *p);

/* Waits until the daemon's kernel has all. */
int link_stream_arrived(int fd, struct patience *p);

#endif
