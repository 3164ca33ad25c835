/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_EVENTS_INTERNAL_H
#define SHELLAC_PROCESS_EVENTS_INTERNAL_H

#include <pthread.h>
#include <sys/socket.h>
#include <linux/netlink.h>

#include "proc_connector.h"
#include "process_events.h"
#include "process_events_clock.h"
#include "process_events_queue.h"

#define EVENTS_BATCH 64  /* events that are handed on under one lock */
#define EVENTS_READ 32   /* datagrams a system call; each may have a LOSS before it */
#define EVENTS_SAW 65536 /* forks that are remembered, by the low bits of the pid */

struct fork_seen {
	uint32_t pid, tick; /* of its fork event */
};

struct event_counts {
	uint64_t messages, events, forks, execs, lost, losses, texts_missing;
	uint64_t foreign, malformed;
};

/* What one call of recvmmsg(2) fills. */
struct event_reads {
	struct mmsghdr msg[EVENTS_READ];
	struct iovec iov[EVENTS_READ];
	struct sockaddr_nl from[EVENTS_READ];
	uint8_t bytes[EVENTS_READ][PROC_CONNECTOR_MAX];
};

struct process_events {
	int read_args;
	int sock;
	int wake; /* eventfd: the thread is to look at asked and stop */
	int tell; /* eventfd: the loop is to take */
	pthread_t thread;
	int running;

	pthread_mutex_t lock; /* of this part: */
	pthread_cond_t answer;
	struct event_queue queue;
	struct event_counts count;
	uint64_t asked, asked_ns; /* how often, and CLOCK_MONOTONIC of the last time */
	uint64_t answered;        /* up to which question all is in the queue */
	int waits;                /* somebody does, for the answer */
	int stop, error;          /* error: the thread has ended with it */
	uint32_t loss_tick;
	struct fork_seen saw[EVENTS_SAW];

	/* the thread's own: */
	struct proc_sequence sequence;
	struct boot_offset offset;
	struct event_reads reads;
	int overrun;  /* the socket was full, and no gap has shown it yet */
	int untold;   /* the queue has events that tell does not say */
	uint64_t told_ns, newest_ns;
	struct event_counts fresh; /* not in count yet */
	unsigned n;
	struct pevent batch[EVENTS_BATCH];
	uint64_t read_ns[EVENTS_BATCH]; /* when /proc was read for an EXEC, CLOCK_MONOTONIC */
	char text[EVENTS_BATCH][EXEC_TEXT_MAX];

	/* the taker's own: */
	struct event_chunks mine;
};

/* process_events_socket.c.  A bound socket that was told to listen, or -errno. */
int events_socket(size_t buffer);

/* process_events_read.c.  Puts one message's events into the batch, which has room for
 * two; the socket has nothing more for now. */
void events_message(struct process_events *pe, const struct proc_connector *m);
void events_drained(struct process_events *pe);

/* process_events_exec.c.  Fills e, an EXEC with pid and boot_ns, from /proc, and text
 * (EXEC_TEXT_MAX bytes), if with_text. */
void events_read_exec(struct pevent *e, char *text, int with_text);

/* process_events_thread.c.  Reads until the socket is empty.  0 or -errno: no more can
 * be read. */
int events_drain(struct process_events *pe);
void *events_main(void *pe);

#endif
