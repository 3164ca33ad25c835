/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCHER_INTERNAL_H
#define SHELLAC_DISPATCHER_INTERNAL_H

#include "dispatch_link.h"
#include "dispatcher.h"

/* A plugin that is to read the store, until that is logged. */
struct grant {
	LIST_ENTRY(grant) link;
	struct dispatcher *d;
	int fd; /* the plugin's end */
	char plugin[PLUGIN_NAME_MAX + 1];
};

struct dispatcher {
	struct collector *c;
	struct dispatch_link link;   /* to the child that runs */
	pid_t pid;
	int told_to_end;             /* there is no plugin any more */
	struct timer again, tail_timer, look_timer;
	unsigned delay_ms;
	uint64_t started_ns;
	uint64_t tail;               /* of the journal */
	json_t *status;              /* what the child said last; NULL */
	LIST_HEAD(, grant) grants;
	LIST_HEAD(, action) actions; /* whose entry is not on disk yet */
	int refuses;                 /* new sessions, until admit or SIGHUP */
	struct {
		uint64_t since_ns;
		unsigned n;
	} asked[PLUGINS_MAX];        /* actions of each file of c->plugins */
	unsigned long dropping;      /* plugins that drop events for want of room */
};

/* Starts the child, and *sock is the way to it.  0 or -errno. */
int dispatcher_spawn(struct dispatcher *d, int *sock);

/* dispatcher_grant.c: the plugin of this name asks for the store. */
void dispatcher_grant(struct dispatcher *d, const char *plugin);
/* Nobody waits for them any more. */
void dispatcher_grants_drop(struct dispatcher *d);

/* dispatcher_action.c: a plugin wants something done. */
void dispatcher_action(struct dispatcher *d, const char *plugin, const char *name,
    const char *arg);
void dispatcher_actions_drop(struct dispatcher *d);
/* Takes back what is in force of them. */
void dispatcher_lift(struct dispatcher *d);

/* Takes one message of the child's. */
void dispatcher_hear(struct dispatcher *d, const struct dispatch_message *m);

#endif
