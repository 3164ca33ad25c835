/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LISTEN_H
#define SHELLAC_LISTEN_H

#include <sys/types.h>

/* A listening Unix socket of that type (SOCK_SEQPACKET, SOCK_STREAM), mode 0600,
 * in place of whatever socket was at path.  Non-blocking.  A descriptor or -errno. */
int listen_unix(const char *dir, const char *name, int type);

/* Gives the socket's name to uid: root apart, nobody else may connect.  0 or
 * -errno. */
int listen_grant(const char *dir, const char *name, uid_t uid);

/* Removes it. */
void listen_remove(const char *dir, const char *name);

/* accept4(2), non-blocking and close-on-exec.  A descriptor or -errno. */
int listen_accept(int fd);

#endif
