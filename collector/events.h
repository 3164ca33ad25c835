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
struct process_terminal;
struct session;

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

/* Opens the journal; c is kept by reference, its loop and store are open.  Whether there are
 * plugins is not known yet: what is made until events_plugins() is called waits in memory.
 * c->events; NULL where it fails, which it says. */
void events_new(struct collector *c);
/* Writes what waits. */
void events_free(struct events *e);

/* Is any plugin active?  No: nothing is made. */
void events_plugins(struct events *e, int active);
/* Everything is open: where nobody said that there are plugins, there are none. */
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

/* A line that an input plugin wrote, without its line feed: one object of JSON, at most
 * EVENTS_INPUT_MAX bytes.  What it has of the fields of ECS stays there, all else is below
 * shellac.input.data; time, number, host and source are ours.  0; E_FORMAT: it is none;
 * E_RANGE: it is longer. */
#define EVENTS_INPUT_MAX 32768
int events_input(struct events *e, const char *plugin, const char *json, size_t len);

#endif
