/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_ALERT_H
#define SHELLAC_FORWARD_ALERT_H

/*
 * What wakes the forwarder, in a thread: events, acked at once, since the store itself is
 * what is forwarded; their end; SIGTERM and SIGINT; SIGUSR1, which asks for its state.
 */
struct alert {
	int news, over, state; /* eventfd(2): readable when there are events; it is to end; its
	                        * state is wanted */
};

/* feed: standard input has events, of a dispatcher.  Signals are blocked from then on.  0 or
 * -errno. */
int alert_start(struct alert *a, int feed);

int alert_over_fd(const struct alert *a);

/* Waits until there is news, but at most so long: 1 when it is to end. */
int alert_wait(const struct alert *a, int timeout_ms);
/* The same, and news do not matter. */
int alert_wait_over(const struct alert *a, unsigned timeout_ms);

/* Was the state asked for since the last call? */
int alert_state_wanted(const struct alert *a);

/* The exit status of how the feed ended. */
int alert_status(const struct alert *a);

#endif
