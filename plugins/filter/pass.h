/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PASS_H
#define SHELLAC_PASS_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Passes events on to another plugin's program, and its acknowledgements back.  What does not
 * pass is acknowledged as if the program had, once all before it is.
 */
struct pass;

#define PASS_POLL 3      /* descriptors of pass_poll() */
#define PASS_WAITING 8192 /* events that it may have been given and not acknowledged */

/* Starts argv with a pipe on its standard input and output; descriptors that are not
 * close-on-exec are its own too.  acks: it acknowledges; otherwise a line that was written is
 * taken.  0 or -errno; that it cannot be run shows as its end. */
int pass_open(struct pass **out, char *const argv[], int acks);

/* May an event be given now? */
int pass_has_room(const struct pass *p);
/* Gives it one, where there is room; len without the LF, at most 65535. */
void pass_give(struct pass *p, const char *line, size_t len, uint64_t seq);
/* One that did not pass. */
void pass_skip(struct pass *p, uint64_t seq);

/* What to wait for; then what it is ready for is done. */
nfds_t pass_poll(const struct pass *p, struct pollfd fds[PASS_POLL]);
void pass_turn(struct pass *p, const struct pollfd fds[PASS_POLL]);

/* Has the program ended, or does it take no more? */
int pass_over(const struct pass *p);

/* All up to here is safe. */
uint64_t pass_acked(const struct pass *p);

/* The end: what it was given is written, its input closed, and what it still says is heard
 * until it has ended; after 1.5 s it gets SIGTERM, after 3 s SIGKILL. */
void pass_finish(struct pass *p);

/* Of a program that has ended: its wait status, -1 where there is none.  Frees.  NULL is
 * fine. */
int pass_close(struct pass *p);

#endif
