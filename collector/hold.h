/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HOLD_H
#define SHELLAC_HOLD_H

/*
 * The process above a detached collector.  It holds the socket where recorders
 * register, and nothing else: while the collector is down, who connects waits in the
 * socket's queue, and the kernel has taken down who that is.  A collector that died is
 * started again, at once and then with growing delays; signals are passed on; when
 * the collector ends by itself it ends too.
 */

/* Becomes that process.  ready: of daemon_begin().  Before any thread is made.  Returns
 * in each collector process only: a descriptor for hold_ready(), or -errno. */
int hold_begin(int ready);

/* In the collector: it works.  sock, where recorders register, is held from now on.
 * Standard input, output and error go to /dev/null.  Closes up. */
void hold_ready(int up, int sock);

#endif
