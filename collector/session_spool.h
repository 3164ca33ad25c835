/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_SPOOL_H
#define SHELLAC_SESSION_SPOOL_H

#include <stdint.h>

#include "id_name.h"
#include "session.h"
#include "spool_header.h"

/*
 * A session's spool, shellac-format(5): read behind what the FIFO holds, when its
 * recorder says that it writes there or has gone.  The file is hostile: lengths are
 * held against its size, and what is in it is taken in as from a FIFO.
 */

/* Opens the spool name below c->spool_dir and reads its header.  A descriptor, or
 * -errno, -EPERM (not a safe file), E_FORMAT, E_RANGE (it says to be longer than it
 * is). */
int session_spool_open(const struct collector *c, const char *name, struct spool_header *h);

/* Reads the header of an open spool: 0, or as above. */
int session_spool_header(const struct collector *c, int fd, struct spool_header *h);

/* What cannot be taken in is kept for whoever wants to know, under a name that nobody
 * looks at again; the log says why. */
void session_spool_keep_aside(const struct collector *c, const char *name, const char *why);

/* SPOOLED came.  0, or why the recorder is refused. */
int session_spooled(struct session *s, uint64_t length, uint64_t generation);

/* Nothing comes through the FIFO any more: 1 if the spool holds more, which is
 * taken next. */
int session_spool_left(struct session *s);

/* Drops what the FIFO still holds: the start of a frame that the spool held whole, or
 * what the file has. */
void session_drop_rest(struct session *s);

/* One turn, while s->spooling. */
void session_spool_turn(struct session *s);

/* All that was read is on disk: says so where that was asked for. */
void session_spool_synced(struct session *s);

/* All of the session's file is on disk: the spool goes, or is kept aside where not all of
 * it was taken in. */
void session_spool_finish(struct session *s);

#endif
