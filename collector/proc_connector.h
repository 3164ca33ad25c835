/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROC_CONNECTOR_H
#define SHELLAC_PROC_CONNECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "acct_record.h"

/* The kernel's process events as they come over netlink: <linux/connector.h>,
 * <linux/cn_proc.h>.  Native byte order; who sent it is for the caller to check. */

enum proc_connector_what {
	PROC_CONNECTOR_OTHER, /* ptrace, core dump, gid, an answer to somebody's LISTEN, and
	                       * what later kernels add */
	PROC_CONNECTOR_FORK,
	PROC_CONNECTOR_EXEC,
	PROC_CONNECTOR_UID,
	PROC_CONNECTOR_SID,
	PROC_CONNECTOR_COMM,
	PROC_CONNECTOR_EXIT,
};

struct proc_connector {
	uint8_t what;       /* PROC_CONNECTOR_ */
	uint8_t numbered;   /* it has a cpu, of whose messages it is number seq; an answer to
	                     * LISTEN of old kernels is none of them */
	uint32_t seq, cpu;
	uint64_t mono_ns;   /* CLOCK_MONOTONIC of the event */
	uint32_t pid, tgid; /* whom it is about; FORK: the child */
	uint32_t parent_tgid; /* FORK */
	uint32_t uid, euid; /* UID */
	char comm[ACCT_COMM]; /* COMM: hostile; no zero where it is full */
};

/* More than any datagram of the kernel's so far (76 bytes). */
#define PROC_CONNECTOR_MAX 256

/* Reads one datagram.  0; E_FORMAT for what is not one. */
int proc_connector_parse(const uint8_t *p, size_t len, struct proc_connector *out);

/* The request that makes the kernel send (or no longer): its length, at most
 * PROC_CONNECTOR_MAX. */
size_t proc_connector_request(uint8_t p[PROC_CONNECTOR_MAX], int listen);

#define PROC_CONNECTOR_CPUS 8192 /* CONFIG_NR_CPUS of the largest kernels */

/* The number that each cpu's next message has. */
struct proc_sequence {
	uint32_t next[PROC_CONNECTOR_CPUS];
	uint8_t known[PROC_CONNECTOR_CPUS];
};

/* How many messages of m's cpu are missing right before m.  The first of a cpu sets its
 * counter.  One that comes twice, or out of order, counts as 0: the kernel sends none. */
uint32_t proc_sequence_gap(struct proc_sequence *s, const struct proc_connector *m);

#endif
