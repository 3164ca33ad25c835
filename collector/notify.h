/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTIFY_H
#define SHELLAC_NOTIFY_H

/* The service manager above, by the protocol of sd_notify(3).  Where there is none, all
 * of this does nothing. */

/* Takes NOTIFY_SOCKET out of the environment: no child is to speak for us.  Before any
 * thread is made. */
void notify_take(void);

/* Tells it what sd_notify(3) lists: assignments, a line each.  It is waited for where
 * its queue is full, for five seconds at most. */
void notify_say(const char *text);

/* Has it keep a copy of the descriptor fd, in place of the one before, and give it to the
 * next that it starts; see listen_stored().  fd stays the caller's.  -1: none any more. */
void notify_store(int fd);

/* The configuration is read again, from now on; notify_say("READY=1") ends that. */
void notify_reloading(void);

/* Is standard error the journal's, by JOURNAL_STREAM of systemd.exec(5)?  1 or 0. */
int notify_is_journal(void);

#endif
