/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LISTEN_H
#define SHELLAC_LISTEN_H

#include <sys/types.h>

/* A listening Unix socket of that type (SOCK_SEQPACKET, SOCK_STREAM), mode 0600,
 * in place of whatever socket was at path.  Non-blocking.  A descriptor or -errno. */
int listen_unix(const char *dir, const char *name, int type);

/*
 * Listening sockets that somebody else made and holds: a service manager, by the
 * protocol of sd_listen_fds(3), or hold.h.  listen_unix() then gives that one, and
 * listen_remove() leaves it alone.
 */

/* Takes what LISTEN_PID and LISTEN_FDS say, and these out of the environment; other
 * descriptors than listening Unix sockets and a folder are left alone.  How many sockets
 * there are. */
int listen_take(void);

/* The folder among them, which notify_store() had kept for us, or -1.  The caller's from
 * now on. */
int listen_stored(void);

/* Keeps this one. */
void listen_keep(int fd);

/* Gives the socket's name to uid: root apart, nobody else may connect.  0 or
 * -errno. */
int listen_grant(const char *dir, const char *name, uid_t uid);

/* Gives the socket's name to the group gid, whose members may then connect too. */
int listen_grant_group(const char *dir, const char *name, gid_t gid);

/* Removes it, unless somebody else holds it. */
void listen_remove(const char *dir, const char *name);

/* accept4(2), non-blocking and close-on-exec.  A descriptor or -errno. */
int listen_accept(int fd);

#endif
