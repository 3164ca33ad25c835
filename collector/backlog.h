/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BACKLOG_H
#define SHELLAC_BACKLOG_H

#include "collector.h"

/* What waits to be taken in, as far as can be seen from outside. */
struct backlog {
	uint64_t fifo_bytes;     /* in the FIFOs of live sessions */
	unsigned fifos;
	unsigned waiting;        /* sessions that may not bring in what they have */
	unsigned stalled;        /* that the store cannot be written for */
	unsigned unsynced;       /* whose fdatasync(2) failed: nothing of them is acknowledged */
	unsigned older;          /* of recorders that the version after this one will not take */
	unsigned spooling;       /* whose spool is being taken in */
	uint64_t spool_bytes;    /* of those spools, still to be read */
	unsigned spools;         /* files in the spool folder; most hold room and no data */
	uint64_t spool_free;     /* bytes of its file system that are free */
	unsigned unregistered;   /* of sessions that are not live here */
	unsigned refused;        /* kept aside, as evidence */
};

/* Looks at each live session, and through the spool folder. */
void backlog_look(struct backlog *b, const struct collector *c);

#endif
