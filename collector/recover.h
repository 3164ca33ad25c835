/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RECOVER_H
#define SHELLAC_RECOVER_H

#include "chain.h"
#include "collector.h"

/* At start, with the store's lock held and before registration works: finishes
 * what an earlier collector left.  Unfinished files go, a live file that is
 * whole is closed, one whose recorder is still there goes on, the others are
 * cut; keepers of this boot are told to accounting; FIFOs that are nobody's go.
 * 0, or a negative code when the store cannot be read. */
int recover(struct collector *c);

/* Removes FIFOs that are nobody's, now and every few seconds: a recorder that its
 * user kills before it is out of reach leaves one, and must not fill the folder
 * with them. */
void recover_sweep(struct collector *c);

/* Reads a live file, whose certificate one of the keys signed, into *chain and cuts off
 * what is behind its last whole frame; fd is then at its end, and what is left is on
 * disk.  0, -errno, or the code of the first frame that is wrong. */
int recover_file(int fd, const struct host_chain *keys, struct chain *chain);

#endif
