/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COLLECTOR_H
#define SHELLAC_COLLECTOR_H

#include <limits.h>
#include <stdint.h>
#include <sys/queue.h>

#include "accounting.h"
#include "cert.h"
#include "conf.h"
#include "fifo_drain.h"
#include "heartbeats.h"
#include "histogram.h"
#include "host_chain.h"
#include "loop.h"
#include "pack.h"
#include "paths.h"
#include "plugin_conf.h"
#include "put_off.h"
#include "idle.h"
#include "quota.h"
#include "registry.h"
#include "seal.h"
#include "space.h"
#include "store.h"
#include "sync.h"

struct session;

/* Sessions whose FIFO nobody watches for a while: it is looked into when the timer
 * is over.  A wake-up for each write would cost more than what was written. */
struct pace {
	TAILQ_HEAD(pace_list, session) sessions;
	struct timer timer;
	unsigned ms;
};

struct dispatcher;
struct ledger;
struct register_server;
struct control;
struct notary;
struct pusher;
struct purger;
struct reviewer;
struct access;
struct events;
struct processes;
struct metrics_file;

/* A SEAL that somebody waits for, and any other, which may wait sync_ms. */
enum ack_kind { ACK_PROMPT, ACK_CALM };

/* What this run has done; for status. */
struct counters {
	uint64_t registered, closed, cut, refused;
	uint64_t turned_away; /* for want of room, or too many */
	uint64_t bytes, frames; /* stored */
	uint64_t in_bytes, out_bytes; /* typed and shown, of them */
	uint64_t gaps, lost_bytes; /* that recorders said they could not keep */
	uint64_t acks, syncs, sync_errors;
};

/* All of one collector.  Each part's module says what its fields mean. */
struct collector {
	struct paths paths;
	struct conf conf;
	struct plugin_set plugins; /* as of the last reading that was taken */
	int private;               /* with -d: plugins run as who runs this */
	uint8_t policy[HASH_SIZE]; /* of conf */
	uint8_t witnessed[HASH_SIZE]; /* of the text of the last cosigned checkpoint; or zero */
	uint8_t pk[PK_SIZE], host_id[ID_SIZE]; /* the host's first key, and the id made of it */
	struct host_chain keys; /* all it has had, by the ledger; the newest signs */
	int key_open;           /* KEY is being written: which one that is, is not known */
	uint8_t boot_id[BOOT_ID_SIZE];
	char host[CERT_HOST_MAX + 1];
	uint64_t started_ns; /* CLOCK_MONOTONIC */
	int64_t started_wall_ns;

	struct loop loop;
	struct store store;
	struct space space;
	enum space_state space_said; /* in the ledger */
	struct quota quota;
	struct fifo_drain drain;
	int fifo_dir; /* run/session */
	int spool_dir;
	uid_t recorder_uid; /* whose process a recorder is, effectively: ours, or ... */
	int set_user_id;    /* ... that of _shellac, and never of a person */
	int lift_failed;    /* and that was said */
	struct syncer *syncer;
	struct packer *packer;
	struct ledger *ledger;
	struct accounting *acct;
	struct processes *processes;
	int acct_on; /* it was turned on */
	int acct_said; /* what the ledger heard last */

	struct registry registry;
	TAILQ_HEAD(dirty_list, session) dirty; /* are to be synced */
	TAILQ_HEAD(ready_list, session) ready; /* have, or may have, more in their FIFO */
	struct pace calm, bulk, crawl;
	struct idle idle;
	struct heartbeats heartbeats;
	uint64_t close_seq;          /* closings begun; for control's sync */

	struct register_server *reg;
	struct put_off put_off;
	struct control *control;
	struct pusher *pusher;
	struct dispatcher *dispatcher;
	struct purger *purger;
	struct reviewer *reviewer;
	struct access *access;
	struct events *events; /* NULL: plugins hear nothing */
	struct source sync_source, signal_source, acct_source;
	struct timer sync_timer; /* the next unprompted group */
	struct timer tick;       /* once a second, while a session waits for something */
	struct timer process_timer;
	struct timer acct_timer, stop_timer, spool_timer, sweep_timer;
	struct notary *notary; /* NULL while there is none, see notary_keep.h */
	struct source notary_source;
	struct timer notary_timer;
	uint64_t notary_ns; /* when the last one was started */
	struct counters count;
	struct histogram ack_latency[2]; /* from a SEAL taken in to its ack, by enum ack_kind */
	struct metrics_file *metrics; /* NULL: none is wanted */
	int stopping;
};

/* Opens everything that conf and paths name: folders, key, lock, threads, live
 * sessions, accounting, sockets.  0, or -1 after it said on the log what is
 * wrong; release either way. */
int collector_open(struct collector *c);

/* Takes what the policy's text hashes to; after each change of c->conf. */
void collector_policy(struct collector *c);

/* Runs until SIGTERM or SIGINT.  0 or -errno. */
int collector_run(struct collector *c);

/* session_tick() for all within a second. */
void collector_tick_soon(struct collector *c);

/* Ends collector_run() once what the FIFOs held is stored and synced.  Live
 * sessions stay live, for the next collector. */
void collector_stop(struct collector *c);

void collector_release(struct collector *c);

#endif
