/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_LEDGER_WORLD_H
#define SHELLAC_TEST_LEDGER_WORLD_H

#include "../../auditor/verify/evidence.h"
#include "../lib/ledger_fixture.h"
#include "../lib/recording.h"

/* A store with a ledger, in a scratch folder that the test works in, and the recording
 * as its session. */
#define WORLD_N 7

extern struct recording rec;
extern struct fixture led;      /* the ledger as it should be; written by world_read() */
extern struct evidence ev;      /* what was read of it */
extern struct store store;
extern uint8_t world_id[ID_SIZE];
extern const char *seen;        /* a checkpoint that was kept, or NULL */

void world_make(void);
void world_put(const char *name, const void *p, size_t len);

/* What the host signs of this ledger, under this name. */
void world_checkpoint(const char *name, const struct fixture *f);

void world_open(void);
/* CLOSE of the first chunks of the recording and of the frames behind them up to len. */
void world_close(uint64_t chunks, size_t len);
/* An EPOCH whose table has the recording's first chunks. */
void world_epoch(uint64_t chunks);

/* Writes the log and reads the ledger; or reads what is there, as another. */
void world_read(void);
void world_read_as(const uint8_t *host_pk, const char *kept);

/* Of the recording; -1 where the ledger does not know it. */
int world_level(void);

#endif
