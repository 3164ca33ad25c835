/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLUGIN_H
#define SHELLAC_PLUGIN_H

#include <jansson.h>
#include <sys/types.h>

#include "plugin_cursor.h"
#include "dispatch.h"
#include "event_journal.h"

#define PLUGIN_REASON_MAX 128
#define PLUGIN_BATCH 65536                           /* bytes, then no more are read */
#define PLUGIN_BUFFER (PLUGIN_BATCH + EVENT_JOURNAL_LINE + 1024)
#define PLUGIN_BATCH_LINES 512
#define PLUGIN_HEAR_MAX (32 * 1024 + 256)            /* bytes of a line that it writes */
#define PLUGIN_SAY_MAX 512                           /* of one on its standard error */

enum plugin_state {
	PLUGIN_ASKS,    /* for the store's descriptor, before it can start */
	PLUGIN_RUNS,
	PLUGIN_ENDS,    /* told to */
	PLUGIN_WAITS,   /* ended by itself; is started again */
};

/* Lines that a plugin writes.  Who writes much of no use is read slowly. */
struct ear {
	struct plugin *p;
	int fd;              /* -1: closed */
	struct source source;
	struct timer again;  /* it is not read until then */
	/* a whole line, zero-ended, without its line feed; len is max + 1 for one that is cut */
	void (*take)(struct plugin *p, char *line, size_t len);
	char *line;
	size_t len, max;
	uint64_t window_ns;
	size_t noise;        /* bytes of no use since window_ns */
};

struct plugin {
	LIST_ENTRY(plugin) link;
	struct dispatch *d;
	struct plugin_conf *conf;
	enum plugin_state state;
	int suspended;       /* its queue was full: nothing until the next SIGHUP */
	int removed;         /* not in the next plan, or another there */
	char reason[PLUGIN_REASON_MAX];

	pid_t guard, pid;    /* its guard's and its own; 0: none */
	pid_t hook;          /* that runs for it; 0 */
	uint64_t started_ns;
	unsigned delay_ms;
	struct timer again, late;

	int in;              /* its standard input; -1 */
	struct source in_source;
	int in_waits;        /* it is full */
	struct ear out, err; /* its standard output and error */

	/* its queue */
	struct cursor cursor;
	struct cursor_file file;
	struct event_reader *reader;
	uint64_t next;       /* the first event that is not in the buffer yet, nor was */
	uint64_t reader_at;  /* what the reader gives next, or something above it */
	uint64_t sent;       /* the last that was written whole */
	char *buffer;
	size_t len, off;     /* of it; written */
	unsigned lines, written; /* in it */
	struct batch_line {
		size_t end;
		uint64_t seq;
	} line[PLUGIN_BATCH_LINES];

	struct {
		uint64_t sent, acked, received, restarts, garbage;
	} count;
	uint64_t lost_said;  /* of cursor.lost */
	uint64_t lost_said_ns;
	int out_of_room;     /* the collector knows that events are dropped for that */
	int garbage_said;    /* in this life */
	uint64_t say_ns;     /* since when `says` counts */
	unsigned says, unsaid;
};

/* Takes conf over.  Reads its cursor, and starts it.  NULL without memory. */
struct plugin *plugin_new(struct dispatch *d, struct plugin_conf *conf);
void plugin_free(struct plugin *p);

/* Ends it, by deadlines; dispatch_plugin_ended() hears when it is gone. */
void plugin_end(struct plugin *p);
int plugin_is_gone(const struct plugin *p);

/* It has ended with this status of wait(2). */
void plugin_died(struct plugin *p, int status);

/* Its descriptor of the store is here, or was refused (-1). */
void plugin_store(struct plugin *p, int fd);

/* SIGHUP, and it is to go on. */
void plugin_resume(struct plugin *p);

/* plugin_feed.c: there may be more to send. */
void plugin_feed(struct plugin *p);
/* A new life begins, behind what was acknowledged. */
void plugin_feed_begin(struct plugin *p, const char *hello, size_t len);
void plugin_feed_end(struct plugin *p);
/* Takes an ack.  0, or E_RANGE. */
int plugin_acked(struct plugin *p, uint64_t seq);
/* Drops what is too much, counted. */
void plugin_limit(struct plugin *p);

/* ear.c.  0 or -errno; takes fd over in any case. */
int ear_open(struct ear *e, struct plugin *p, int fd, size_t max,
    void (*take)(struct plugin *p, char *line, size_t len));
/* Takes what is still there, at most some, and closes it. */
void ear_close(struct ear *e);

/* plugin_hear.c: a line of its output, of its standard error; and its counts begin anew. */
void plugin_answers(struct plugin *p, char *line, size_t len);
void plugin_says(struct plugin *p, char *line, size_t len);

/* plugin_status.c: one object; NULL without memory. */
json_t *plugin_status(const struct plugin *p);

/* hook.c: runs a hook of the plugin's file. */
void hook_run(struct plugin *p, const char *name);
/* It has ended; 1 where it was one. */
int hook_ended(struct plugin *p, pid_t pid, int status);

#endif
