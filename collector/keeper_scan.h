/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEEPER_SCAN_H
#define SHELLAC_KEEPER_SCAN_H

#include "collector.h"

/* Tells accounting every keeper of this boot that the store knows: one whose
 * session is closed may still linger above what the session left behind; and the
 * quotas what users have brought in within a day.  Removes the FIFOs of those
 * that are closed.  0 or a negative code. */
int keeper_scan(struct collector *c);

#endif
