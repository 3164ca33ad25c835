/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_DATAGRAM_H
#define SHELLAC_INPUT_DATAGRAM_H

#include <sys/types.h>

#include "lines.h"

/* A datagram socket that others write lines to: each message is one line, or several. */

/* Makes the socket at path with this mode; a socket that nobody listens at any more is
 * replaced.  A descriptor; -EADDRINUSE: somebody listens, or it is no socket; or -errno. */
int datagram_open(const char *path, mode_t mode);

/* Reads what is there, some dozen messages at most.  0, 1: there may be more; or -errno. */
int datagram_turn(int fd, lines_got *got, void *ctx);

void datagram_close(int fd, const char *path);

#endif
