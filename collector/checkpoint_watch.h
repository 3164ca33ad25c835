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

/* fn gets notes that the host's key signed, the one that is there first.  0 or -errno. */
int checkpoint_watch_open(struct checkpoint_watch **out, struct collector *c,
    void (*fn)(void *arg, const char *note, size_t len), void *arg);

/* Takes the last one, too.  NULL is fine. */
void checkpoint_watch_close(struct checkpoint_watch *w);

/* The newest size; 0 none. */
uint64_t checkpoint_watch_size(const struct checkpoint_watch *w);

/* The host's key as a log's, under its origin. */
void checkpoint_watch_key(struct note_key *key, const struct collector *c);

#endif
