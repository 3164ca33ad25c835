/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENTS_H
#define SHELLAC_EVENTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct acct_record;
struct cert;
struct collector;
struct entry;
struct events;
struct process_record;
struct process_store;
struct process_terminal;
struct process_boot;
struct process_exec;
struct session;
struct session_name;

/*
 * What happens, for plugins: each event is a line of JSON in the store's journal
 * (event_journal.h), shellac-events(7).  An event is made after the store has what it tells
 * of, and only while a plugin is active.  All that is made in one turn of the loop is written
 * at its end, with one write(2); nothing here is synced, waits, or fails towards its caller:
 * what the journal does not take is counted, said, and a hole in the numbers.
 *
 * Everything here is called by the collector's loop and no other thread; an events of NULL
 * is fine everywhere and does nothing.
 */
#define EVENTS_SCHEMA 1 /* shellac.schema */

/* Opens the journal; c is kept by reference, its loop and store are open, its plugins are
 * read: those tell whether any is active.  c->events; NULL where it fails, which it says. */
void events_new(struct collector *c);
/* Writes what waits. */
void events_free(struct events *e);

/* Is any plugin active?  No: nothing is made. */
void events_plugins(struct events *e, int active);
/* Everything is open, and what the collector before left untold was told. */
void events_ready(struct collector *c);
/* Is anybody to be told?  For callers that would have to work for it. */
int events_active(const struct events *e);

/* Called whenever the journal has grown, with the number of its newest event; and once when
 * it is set. */
void events_watch(struct events *e, void (*fn)(void *arg, uint64_t newest), void *arg);
/* The journal's folder, a descriptor that stays with events; -1 where e is NULL. */
int events_dir(const struct events *e);
/* A plugin has seen this number: the next is above it.  For a journal that lost its end with
 * the power. */
void events_seen(struct events *e, uint64_t number);

/* At the end of each turn. */
void events_flush(struct events *e);

/* For status, a new object: "newest", "lost", "error" ("" or text); NULL without memory. */
json_t *events_status(const struct events *e);

/* A session whose OPEN is on disk; one that has ended, before its file gets its final name;
 * one that an earlier collector began, where it did not tell of it; one that was found to
 * have ended, where nobody told of it (from the ledger's CLOSE that a start adds, or a file
 * with an old name).  These four are in the journal when they return. */
void events_session_start(struct events *e, const struct session *s);
void events_session_end(struct events *e, const struct session *s);
void events_session_taken_up(struct events *e, const struct session *s);
void events_session_found(struct events *e, const struct session_name *name, int whole);

/* A program was begun: its text (process_record.h) is kept for the event of its end. */
void events_exec(struct events *e, const struct process_exec *x, uint64_t start_ticks,
    const char *text);
/* A process has ended, of the boot that is given; NULL: of an earlier one, or not known. */
void events_process_end(struct events *e, const struct process_record *r,
    const struct acct_record *a, const struct process_boot *boot);

/* Before any record is stored: tells of those that the collector before had stored, and
 * was killed before it told of them. */
void events_catch_up(struct events *e, const struct process_store *s);

/* A row of coverage.h begins or is over, coverage_said.h. */
void events_unrecorded(struct events *e, const struct process_record *r,
    const struct process_terminal *t);

/* What the ledger has just taken: GAP, FAIL, PURGE, KEY, CONFIG and a CLOSE that was found are
 * events, all else is not. */
void events_entry(struct events *e, const struct entry *entry);

/* What came for a session, or what is in a file of one, is not what its recorder signed
 * (negative code of err.h; -errno is no event). */
void events_tamper(struct events *e, const struct session *s, int error);
void events_tamper_file(struct events *e, const struct session_name *name, const char *day,
    int error, uint64_t chunk, uint64_t offset);

/* Somebody may read session n, 0: all; who is "UID NAME".  index: of ACCESS. */
void events_access(struct events *e, const char *who, const char *what, const char *reason,
    uint64_t n, uint64_t index);
/* A sign-off was taken; who is the name of the key; n 0: of an entry.  index: of REVIEW. */
void events_review(struct events *e, uint64_t n, const uint8_t id[16], const char *who,
    unsigned verdict, uint64_t index);
/* What a session holds is kept from being deleted; reason NULL: no more. */
void events_hold(struct events *e, uint64_t n, const char *reason);

/* A line that an input plugin wrote, without its line feed: one object of JSON, at most
 * EVENTS_INPUT_MAX bytes.  What it has of the fields of ECS stays there, all else is below
 * shellac.input.data; time, number, host and source are ours.  0; E_FORMAT: it is none;
 * E_RANGE: it is longer. */
#define EVENTS_INPUT_MAX 32768
int events_input(struct events *e, const char *plugin, const char *json, size_t len);

#endif
