/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINK_LOCAL_H
#define SHELLAC_LINK_LOCAL_H

#include <stddef.h>

#include "patience.h"

/* link.h for datagram sockets of this machine. */

/* A descriptor connected to the socket at path, or -errno. */
int link_local_open(const char *path);
int link_local_send(int fd, struct patience *p, const char *message, size_t len);
int link_local_prove(int fd, struct patience *p);

#endif
