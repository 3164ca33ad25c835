/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPOOL_PARK_H
#define SHELLAC_SPOOL_PARK_H

#include "session.h"

/*
 * For a session whose recorder may be gone and which may not be stored now: what is in
 * its FIFO would end with the last process that has it open, which is this one.  Moves
 * it to the session's spool, which a recorder that did not write there left empty, or to
 * one that is made now; it is taken in from there, by us or the next collector.  Does
 * nothing while somebody has the FIFO open for writing, and where the spool has all of
 * it.  Where it fails, the log says so and it stays in the FIFO.
 */
void spool_park(struct session *s);

#endif
