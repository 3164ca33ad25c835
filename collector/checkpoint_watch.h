/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHECKPOINT_WATCH_H
#define SHELLAC_CHECKPOINT_WATCH_H

#include "checkpoint.h"
#include "collector.h"

/*
 * Each checkpoint of the ledger, when its file is there: on the log, where the
 * configuration says so, and to who asked for it.  A line of the log is enough to
 * make the note again, so a log that is kept elsewhere, or printed, pins the history:
 *
 *   checkpoint SIZE ROOT ORIGIN SIGNATURE
 */
struct checkpoint_watch;

/* fn gets notes that the host signed, the one that is there first.  0 or -errno. */
int checkpoint_watch_open(struct checkpoint_watch **out, struct collector *c,
    void (*fn)(void *arg, const char *note, size_t len), void *arg);

/* Takes the last one, too.  NULL is fine. */
void checkpoint_watch_close(struct checkpoint_watch *w);

/* The newest size; 0 none. */
uint64_t checkpoint_watch_size(const struct checkpoint_watch *w);

/* Is the note a checkpoint of this host's ledger, by a key that it had then or later?  0
 * with it, and that key (NULL: of no interest) under the host's name as a log; or a
 * negative code. */
int checkpoint_watch_check(const struct collector *c, const struct note *n,
    struct checkpoint *cp, struct note_key *by);

#endif
