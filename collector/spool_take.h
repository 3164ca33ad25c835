/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SPOOL_TAKE_H
#define SHELLAC_SPOOL_TAKE_H

#include "collector.h"

/* Looks through the spool folder, at once and then each minute: what a recorder left
 * there that has gone becomes a session of its own, uncertified; spools without
 * content, or of sessions that the store has, go; others are kept aside. */
void spool_take(struct collector *c);

/* Before process records are taken in: those of sessions that began while no collector
 * was there, whose recorders have not registered yet, are not "without a recorder". */
void spool_expect(struct collector *c);

#endif
