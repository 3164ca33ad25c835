/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STILL_H
#define SHELLAC_STILL_H

#include <stdint.h>

struct keeper;

/*
 * A session that stands still, as nobody takes what it records or the collector wants it
 * so: its user is told, the record has how long it was, and it does not last for ever
 * (conf.freeze_limit).
 */
#define FROZEN_NS UINT64_C(1000000000) /* a pause that is worth a mark */

/* Whenever the keeper wakes, and at least each FROZEN_NS while it stands still.  May hang
 * up. */
void still_turn(struct keeper *k, uint64_t now);

/* The FIFO has taken what waited. */
void still_is_over(struct keeper *k);

#endif
