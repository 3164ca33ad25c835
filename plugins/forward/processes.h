/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_PROCESSES_H
#define SHELLAC_FORWARD_PROCESSES_H

#include "process_record.h"
#include "rows.h"
#include "store_name.h"

/*
 * Rows of processes that have ended, from the slots of process segments in their order:
 * what each ran last is kept until its end.
 */
struct processes;

int processes_new(struct processes **out);
void processes_free(struct processes *p);

/* A segment begins: its header and first slot, both whole.  0 or E_FORMAT, after which its
 * slots are to be left out. */
int processes_begin(struct processes *p, uint64_t segment, const uint8_t header[PROCESS_HEADER],
    const uint8_t first[PROCESS_SIZE]);

/* The next slot, number from 0.  Adds its row, if it has one, to *rows, of process_columns;
 * NULL: only takes note of it.  1 if it did. */
int processes_slot(struct processes *p, uint64_t number, const uint8_t slot[PROCESS_SIZE],
    struct rows *rows);

/* "yyyy/mm/dd" of a first slot, UTC. */
void processes_day(char day[STORE_DAY_MAX], const uint8_t first[PROCESS_SIZE]);

#endif
