/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_EVENTS_H
#define SHELLAC_PROCESS_EVENTS_H

#include <jansson.h>
#include <stdint.h>

#include "process_record.h"

/*
 * The kernel's process events (proc connector, <linux/cn_proc.h>), read by a thread of
 * its own without a filter, so that the per-CPU sequence shows every loss.  The thread
 * also reads, at an exec, what /proc says of the new program before it may be gone.
 */
struct process_events;

enum pevent_what {
	PEVENT_FORK = 1, /* a new process (threads are left out) */
	PEVENT_EXEC,
	PEVENT_UID,
	PEVENT_SID,
	PEVENT_COMM,
	PEVENT_EXIT,     /* of the thread whose pid is the process's: others may go on */
	PEVENT_LOSS,     /* count messages are missing before this: the tree is to be rebuilt */
};

struct pevent {
	uint8_t what;
	uint32_t pid;          /* tgid */
	uint32_t ppid;         /* FORK: tgid of the parent */
	uint32_t uid, euid;    /* UID: real, effective */
	uint64_t boot_ns;      /* CLOCK_BOOTTIME of the event */
	uint64_t start_ticks;  /* FORK: start of the life, exact; EXEC: 0 where it was gone */
	uint64_t count;        /* LOSS; 0 where it is not known yet: another says it later */
	uint32_t tty_dev, sid; /* EXEC: where exec.have has EXEC_TTY; SID: sid = pid */
	char comm[ACCT_COMM];  /* EXEC, COMM: hostile */
	/* EXEC: all but the ids, which UID says before it; and the text, which goes with the
	 * event */
	struct process_exec exec;
	const char *text;
};

struct process_events_config {
	int read_args; /* 0: not exe, cwd and arguments at exec, and less often: of programs that
	                * end within some ms nothing but that they began */
	size_t buffer; /* bytes of the socket's buffer, 0: 16 MiB */
};

/* Binds, starts the thread.  0, or -errno: no such events here (-EPERM, -ECONNREFUSED,
 * -EPROTONOSUPPORT; -ENODATA: it binds but says nothing, as in a pid namespace). */
int process_events_start(struct process_events **out, const struct process_events_config *cfg);
void process_events_stop(struct process_events *pe); /* NULL is fine */

/* Readable when there are events; at most every 10 ms. */
int process_events_fd(const struct process_events *pe);

/* Hands over what was read, in order.  up_to_now: also all that the kernel sent before
 * this call (waits for the thread, some 50 us; at most 1 s: then -ETIMEDOUT after what
 * there was).  got: not 0 stops and is returned; that event is not handed over again.
 * Returns 0 or what got returned or -errno, also where the thread has ended.  Events wait
 * in memory without a bound of time but one of size (256 MiB): what is over that is a
 * LOSS.  e and its text are good until got returns. */
int process_events_take(struct process_events *pe, int up_to_now,
    int (*got)(void *ctx, const struct pevent *e), void *ctx);

/* The thread has seen the fork of this pid since it started, or since the last loss (a
 * canary's): 1 or 0.  Valid after process_events_take() with up_to_now. */
int process_events_saw(const struct process_events *pe, uint32_t pid);

/* What an error of process_events_start() means for who reads the log. */
const char *process_events_why(int r);

/* For status, a new object: state "on" | "off" (NULL) | "lost" (the thread has ended, and
 * reason says why), reason, events, forks, execs, lost, losses, texts_missing, waiting,
 * high_water (bytes). */
json_t *process_events_status(const struct process_events *pe);

#endif
