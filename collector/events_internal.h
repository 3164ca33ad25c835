/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENTS_INTERNAL_H
#define SHELLAC_EVENTS_INTERNAL_H

#include "collector.h"
#include "event_journal.h"
#include "events.h"
#include "events_text.h"
#include "life_name.h"
#include "process_record.h"
#include "uid_names.h"

/* What is said on disk beside the journal, events_mark.c. */
struct events_mark {
	uint64_t record;  /* place of the last process record that was told of; 0: none yet */
	uint64_t lost;    /* the last number that the journal did not take; 0: none */
	uint64_t session; /* the first one whose start was not told of; 0: not known */
};

struct events {
	struct collector *c;
	struct event_journal journal;
	int active;         /* is there a plugin? */
	char *buf;          /* lines that wait for events_flush() */
	size_t len, room;
	uint64_t next;      /* number of the next one: that of the journal, and those in buf */
	uint64_t lost;      /* by this run: that the journal did not take, or memory */
	int error;          /* of the last write; 0: it worked */
	char host[5 * CERT_HOST_MAX + 256]; /* "host":{...}, the same in all */
	struct uid_names users;
	struct events_args *args; /* NULL: no memory for them */
	struct events_mark told;
	struct events_mark mark; /* the same on disk */
	int mark_fd;
	uint64_t found_session;  /* told.session as the collector before left it */
	void (*watch)(void *arg, uint64_t newest);
	void *watch_arg;
};

/* An event that is being made: what comes before its own fields is written. */
struct event_made {
	struct events_text t;
	uint64_t number;
};

/* What all events have; alerts say that somebody ought to look. */
#define EVENT_ALERT(action_, severity_) {.action = action_, .kind = "alert", \
	.dataset = "shellac.integrity", .category = "intrusion_detection", .type = "info", \
	.severity = severity_}
#define EVENT_CHANGE(action_, type_) {.action = action_, .kind = "event", \
	.dataset = "shellac.custody", .category = "configuration", .type = type_, \
	.outcome = "success"}

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
/* Both at once, of now. */
int events_begin_plain(struct events *e, struct event_made *m, const struct event_head *h);
/* As events_begin(), with nothing in "event" but numbers and module. */
int events_begin_bare(struct events *e, struct event_made *m);
void events_head_end(struct events *e, struct event_made *m, int64_t wall_ns);
/* "shellac":{ and what all have there; its caller ends it, with what it puts there. */
void events_shellac(struct event_made *m);
/* Ends "shellac" and the event: it will be in the journal. */
void events_end(struct events *e, struct event_made *m);

/* Parts of an event: each writes one member. */
void events_put_user(struct events_text *t, uint32_t uid, const char *name);
/* "tty" of a device, major << 20 | minor; nothing for 0. */
void events_put_tty(struct events_text *t, uint32_t dev);
/* "session":{ with its number and, unless NULL, its id; the caller ends it. */
void events_put_session(struct events_text *t, uint64_t n, const uint8_t id[ID_SIZE]);
/* entity_id of a life. */
void events_put_life(struct events_text *t, const uint8_t boot_id[BOOT_ID_SIZE], uint32_t pid,
    uint64_t start_ticks, uint16_t ordinal);
/* The user of a live session; nothing where it is not. */
void events_put_owner(const struct events *e, struct events_text *t, const uint8_t id[ID_SIZE]);
/* "ledger", with the index of the leaf that says the same. */
void events_put_leaf(struct events_text *t, uint64_t index);

/* Do the newest segments, 4 MiB of them or more, have an event of this action about session
 * n? */
int events_told(const struct events *e, const char *action, uint64_t n);
/* And the record, events_mark_place(), whose end was told of last; where the newest segment
 * tells of none, the one before it says.  0: neither does. */
uint64_t events_newest_record(const struct events *e);

/* events_mark.c: up to where was told.  A record's place among others: records are stored in
 * the kernel's order, by its file, then the place in it. */
uint64_t events_mark_place(const struct process_record *r);
/* Opens the mark of the collector before, and its journal has been opened; nobody is told
 * now; somebody is; before lines are written: what they tell of is in the store; they were
 * written, or lost. */
void events_mark_open(struct events *e);
void events_mark_close(struct events *e);
void events_mark_off(struct events *e);
void events_mark_on(struct events *e);
void events_mark_store(const struct events *e);
void events_mark_told(struct events *e);
/* Is this record to be told of?  1, and it is the last one; 0: it was. */
int events_mark_end(struct events *e, const struct process_record *r);

/* events_args.c: what programs were started with, until their processes have ended. */
#define EVENTS_ARGS_BYTES (16u * 1024 * 1024) /* kept; the oldest go first */
struct events_args;
struct event_program {
	const char *exe, *cwd; /* hostile; NULL: not known */
	const char *args;      /* each ended by a zero; NULL: not known */
	size_t args_len;
	int cut;               /* there was more */
};
/* 0 or -ENOMEM. */
int events_args_new(struct events_args **out);
void events_args_free(struct events_args *a);
/* A copy of what it says is kept; where there is no memory, nothing is. */
void events_args_add(struct events_args *a, const struct process_exec *x, uint64_t start_ticks,
    const char *text);
/* What this life began last: 1, and *p good until the next call; 0 not known. */
int events_args_get(struct events_args *a, uint32_t pid, uint64_t start_ticks,
    struct event_program *p);
void events_args_drop(struct events_args *a, uint32_t pid);

#endif
