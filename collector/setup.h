/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_H
#define SHELLAC_SETUP_H

#include "collector.h"

/* Folders, keys, limits: what must be right before anything is read.  Each
 * returns 0, or -1 after it said on the log what is wrong. */
int setup_folders(struct collector *c, const char *dir);
int setup_key(struct collector *c);
int setup_store(struct collector *c);
void setup_limits(void);

/* Below hold.h: leaves the process id of that process, for who wants to end us. */
void setup_hold_pid(const struct collector *c);

#endif
