/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DAEMON_H
#define SHELLAC_DAEMON_H

/* Exit statuses, shellacd(8). */
enum { EXIT_CLEAN, EXIT_CONF, EXIT_USAGE, EXIT_CANNOT };

/* Goes on in a child in a session of its own; the caller's process waits until
 * daemon_ready() and exits 0 then, or as the child did if that ends before.
 * Before any thread is made.  Returns in the child only: a descriptor for
 * daemon_ready(), or -errno in the parent. */
int daemon_begin(void);

/* Standard input, output and error go to /dev/null, the parent exits. */
void daemon_ready(int fd);

/* The former of these alone. */
void daemon_null(void);

#endif
