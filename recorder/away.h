/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_AWAY_H
#define SHELLAC_AWAY_H

#include <stdint.h>

struct keeper;

/*
 * What a session does while nobody collects it.  The collector is away when its
 * socket hung up, or when the FIFO took nothing for a second.  With a spool, that
 * is written from then on, until the collector is back and says that it has drained
 * FIFO and spool; what was written while it did that is told and drained too, with
 * the session standing still for it, so that the two meet.
 */

/* Makes the session's spool where the configuration wants one; h says whose.  Without
 * one the session stands still while nobody collects. */
void away_prepare(struct keeper *k, uint16_t flags);

/* Begins the session in its spool.  0, or -errno: there is none. */
int away_begin(struct keeper *k);

/* Once the link may have something new, and by time. */
void away_turn(struct keeper *k, uint64_t now_ns);

/* Nothing may be read now, from neither side. */
int away_stands(const struct keeper *k);

/* When away_turn() has something to do, 0 for never. */
uint64_t away_deadline(const struct keeper *k, uint64_t now_ns);

#endif
