/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCH_H
#define SHELLAC_DISPATCH_H

#include <stdint.h>
#include <sys/queue.h>

#include "dispatch_link.h"
#include "log.h"
#include "loop.h"

#define DISPATCH_HOST_MAX 1024 /* bytes of the JSON object that says which host this is */

struct plugin;

/* The files of a configuration, as the collector sent them. */
struct plan {
	unsigned count;
	struct plugin_conf *conf[PLUGINS_MAX];
};

/* All of one dispatcher. */
struct dispatch {
	struct loop loop;
	struct dispatch_link link;
	int journal;
	int cursors;        /* the folder of cursors; its lock is held while this runs */
	int private;        /* plugins run as who runs this */
	char host[DISPATCH_HOST_MAX];
	uint64_t tail, fed; /* the journal's last event, and what all were told of */
	uint64_t synced, trimmed; /* up to here it is on disk; below, deleted */
	int room;           /* for what waits in the journal */
	int lock_busy;      /* those of an earlier dispatcher still live */

	struct plan plan;   /* as it comes in; */
	struct plan next;   /* whole, in force as soon as those that it ends have ended */
	int known;                 /* which plugins there are; before that all is needed */
	int switching;
	LIST_HEAD(plugin_list, plugin) plugins;

	struct source signal_source;
	struct timer second, report, lock_timer;
	int ending;
};

/* Runs until the collector says that it is over, or is gone.  0, or negative: see the log. */
int dispatch_run(struct dispatch *d);

/* Tells the collector; what has no room waits. */
void dispatch_tell(struct dispatch *d, const struct dispatch_message *m);
/* 1 while something waits: nothing more should be brought. */
int dispatch_is_full(const struct dispatch *d);

/* A line for the collector's log.  Who calls it sees to it that they are few. */
void dispatch_log(struct dispatch *d, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Something that status tells has changed. */
void dispatch_changed(struct dispatch *d);

/* Gives out what is there, and ends all plugins, and then the loop. */
void dispatch_end(struct dispatch *d);

/* A plugin has ended that was to end. */
void dispatch_plugin_ended(struct dispatch *d, struct plugin *p);

/* dispatch_plan.c: the configuration.  Takes it over when all that it changes have ended. */
void plan_begin(struct dispatch *d);
void plan_add(struct dispatch *d, const char *name, const char *text, size_t len);
void plan_apply(struct dispatch *d);
/* Goes on with it where nobody is left to wait for. */
void plan_go_on(struct dispatch *d);
void plan_release(struct plan *plan);

/* dispatch_link.c: the collector's socket.  0, or anything else: it is gone. */
int link_open(struct dispatch *d);
void link_close(struct dispatch *d);

/* dispatch_journal.c: what the journal holds is put on disk, and deleted when all have it. */
void journal_second(struct dispatch *d);

#endif
