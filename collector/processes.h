/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESSES_H
#define SHELLAC_PROCESSES_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "cert.h"

/*
 * What is known of all processes, brought together: the kernel's process events make the
 * tree of lives; each accounting record gets its life from there; programs that begin are
 * stored as they do; whatever uses a terminal is shown to coverage.h.  Where there are no
 * events, records are joined by the chain of parents alone (join.h) and /proc is looked
 * at each 30 s.
 *
 * The order of things: a record is read first, then the events up to now, in which the
 * fork of that record's life is then, and only then the record is given its life.
 */
struct processes;
struct collector;
struct accounting_config;

/* 0 or -ENOMEM.  c->acct is made after it, with what processes_hooks() fills in. */
int processes_new(struct processes **out, struct collector *c);
void processes_free(struct processes *p); /* NULL is fine */
void processes_hooks(struct processes *p, struct accounting_config *cfg);

/* Begins to listen, if configuration wants it: before accounting_start(). */
void processes_listen(struct processes *p);
/* Looks at what lives already: behind it. */
void processes_begin(struct processes *p);

/* A recorder, as its certificate says, whose keeper's processes are to be joined: one of
 * this boot that the store knows, before processes_listen(), or one that registers. */
int processes_add_keeper(struct processes *p, const struct cert *cert);
/* One whose session has no number yet, of this boot, before processes_listen(): a recorder
 * began it while no collector was there, and says who it is in its spool. */
int processes_expect_keeper(struct processes *p, uint32_t pid, uint64_t start_ticks);
/* Its session has ended.  NULL is fine. */
void processes_session_ended(struct processes *p, uint64_t n);

/* The configuration is another now. */
void processes_reread(struct processes *p);

/* Does what is due.  Milliseconds until it wants to be called again, -1 for never. */
int processes_turn(struct processes *p);

/* What an input plugin brought, from now on a record among those of processes: source, the
 * plugin's name (printable ASCII, at most INPUT_SOURCE characters), and len bytes of one
 * JSON object, at most INPUT_TEXT_MAX.  It is written when this returns, and in the ledger's
 * next epoch.  0; -EINVAL: not such a source or length; -EBUSY or another -errno: the store
 * cannot take it. */
int processes_input(struct processes *p, const char *source, const char *json, size_t len);

/* Takes in all that the kernel has said until now. */
void processes_drain(struct processes *p);

/* New objects for status; NULL without memory. */
json_t *processes_events(const struct processes *p);
json_t *processes_lives(const struct processes *p);
json_t *processes_syslog(const struct processes *p);
json_t *processes_watched(const struct processes *p);
/* Rows of coverage.h that were said, a new array. */
json_t *processes_unrecorded(const struct processes *p);

#endif
