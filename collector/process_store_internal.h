/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_STORE_INTERNAL_H
#define SHELLAC_PROCESS_STORE_INTERNAL_H

#include "process_store.h"

#define BUFFER_RECORDS 8192

struct process_store {
	int dir_fd, fd; /* fd: the segment appended to, -1 for none */
	int dirty;      /* written and not synced */
	int ragged;     /* a failed write may have left bytes behind size */
	uint64_t k;     /* of fd; 0 for none */
	uint64_t k_max; /* highest number in use, readable or not */
	uint64_t size;
	uint8_t version; /* of k */
	uint8_t boot_id[BOOT_ID_SIZE];
	struct process_boot boot; /* of boot_id; ticks_per_s 0: not known */
	unsigned torn;
	struct process_record last; /* the last ACCT on its way to the disk, and in the buffer */
	int have_last;
	struct process_record taken;
	struct process_digests digests;
	size_t buffered;
	uint8_t buffer[BUFFER_RECORDS * PROCESS_SIZE];
};

/* process_store_open.c: finds the segment appended to, the boot it is of, and the last
 * ACCT.  0 or -errno. */
int process_store_scan(struct process_store *s);

#endif
