/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENTS_INTERNAL_H
#define SHELLAC_EVENTS_INTERNAL_H

#include "collector.h"
#include "event_journal.h"
#include "events.h"
#include "events_text.h"
#include "life_name.h"
#include "uid_names.h"

struct events {
	struct collector *c;
	struct event_journal journal;
	enum { PLUGINS_UNKNOWN, PLUGINS_NONE, PLUGINS_ACTIVE } plugins;
	char *buf;          /* lines that wait for events_flush() */
	size_t len, room;
	uint64_t next;      /* number of the next one: that of the journal, and those in buf */
	uint64_t lost;      /* by this run: that the journal did not take, or memory */
	int error;          /* of the last write; 0: it worked */
	char host[5 * CERT_HOST_MAX + 256]; /* "host":{...}, the same in all */
	struct uid_names users;
	void (*watch)(void *arg, uint64_t newest);
	void *watch_arg;
};

/* An event that is being made: what comes before its own fields is written. */
struct event_made {
	struct events_text t;
	uint64_t number;
};

/* What all events have. */
struct event_head {
	const char *action;    /* event.action */
	const char *kind;      /* event.kind: "event", "alert", "state" */
	const char *dataset;   /* event.dataset */
	const char *category;  /* event.category: one word */
	const char *type;      /* event.type: one word */
	const char *outcome;   /* event.outcome, NULL: none */
	unsigned severity;     /* event.severity, 0: none */
};

/* Begins one: the text stands within "event", whose end events_head_end() writes, with
 * what all have behind it; wall_ns 0: now.  0 where none is to be made; then nothing else is
 * called. */
int events_begin(struct events *e, struct event_made *m, const struct event_head *h);
/* The same with nothing in "event" but numbers and module. */
int events_begin_bare(struct events *e, struct event_made *m);
void events_head_end(struct events *e, struct event_made *m, int64_t wall_ns);
/* "shellac":{ and what all have there; its caller ends it, with what it puts there. */
void events_shellac(struct event_made *m);
/* Ends "shellac" and the event: it will be in the journal. */
void events_end(struct events *e, struct event_made *m);

/* The name of a life of this boot, into out. */
char *events_life(const struct events *e, char out[LIFE_NAME_SIZE], uint32_t pid,
    uint64_t start_ticks, uint16_t ordinal);

#endif
