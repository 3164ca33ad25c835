/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCHER_H
#define SHELLAC_DISPATCHER_H

#include <jansson.h>

#include "collector.h"

/*
 * The way to plugins: a child process, shellac-dispatch, that reads the journal of events and
 * feeds them.  It runs while a plugin is active, and is started again when it ends.
 */
struct dispatcher;

/* Before the first event is made: the journal counts on behind what a plugin has seen. */
void dispatcher_count(struct collector *c);

/* Once everything is open, with c->plugins.  0 or -errno. */
int dispatcher_open(struct dispatcher **out, struct collector *c);

/* Gives plugins what is in the journal and ends them, by deadlines; returns when all are
 * gone.  NULL is fine. */
void dispatcher_close(struct dispatcher *d);

/* c->plugins was read again. */
void dispatcher_configured(struct dispatcher *d);

/* The store's room has changed.  NULL is fine. */
void dispatcher_room(struct dispatcher *d);

/* A plugin wants that no session begins.  NULL is fine. */
int dispatcher_refuses(const struct dispatcher *d);

/* For status: one object a plugin.  NULL without memory. */
json_t *dispatcher_status(const struct dispatcher *d);

#endif
