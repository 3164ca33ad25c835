/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_AUDITOR_PROCESS_WORLD_H
#define SHELLAC_TESTS_AUDITOR_PROCESS_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "../../auditor/store/store.h"
#include "process_record.h"

/* A store with nothing in it but segments of process records, which the test writes. */
struct world {
	char dir[64];
	int fd; /* of process/ */
	int file; /* the segment written to */
	struct store store;
};

void world_make(struct world *w);
void world_remove(struct world *w);

/* Begins segment k: the header, and in version 2 a BOOT. */
void world_segment(struct world *w, uint64_t k, uint8_t version, int64_t boot_wall_ns);

/* Appends a slot: as it is; an ACCT of this process; an EXEC with its TEXTs, of the life that
 * began at this tick. */
void world_slot(struct world *w, const struct process_record *r);
void world_acct(struct world *w, uint32_t pid, uint64_t session);
void world_exec(struct world *w, uint32_t pid, const char *text, size_t len);
void world_exec_of(struct world *w, uint32_t pid, uint64_t start, const char *text, size_t len);

/* Appends these bytes; changes one byte; cuts. */
void world_bytes(struct world *w, const void *p, size_t len);
void world_flip(struct world *w, uint64_t k, uint64_t offset, uint8_t bits);
void world_cut(struct world *w, uint64_t k, uint64_t size);

#endif
