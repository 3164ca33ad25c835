/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REMOTE_H
#define SHELLAC_REMOTE_H

#include <stddef.h>
#include <sys/types.h>

/* 1 for the command name of a process that serves a login over the network. */
int remote_is_daemon(const char *comm);

/* The other end of the first connected TCP socket of a process, from its
 * descriptors and /proc/net/tcp and tcp6: "address port", or "" when that cannot
 * be seen (other people's descriptors without privilege). */
void remote_of(pid_t pid, char *out, size_t size);

/* One line of /proc/PID/net/tcp (v6 0) or tcp6 (v6 1).  1 and out when it is the
 * connected socket inode, 0 when it is not.  For the above and its test. */
int remote_line(const char *line, int v6, unsigned long inode, char *out, size_t size);

#endif
