/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_H
#define SHELLAC_SESSION_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "collector.h"
#include "intake.h"

enum session_end {
	END_NOT,
	END_CLOSED, /* END came */
	END_CUT,    /* the recorder went without it */
	END_REFUSED /* it sent what the format does not allow */
};

/* A place in a session's chain: so many seals, BLAKE2b-256 of the last one's body, or
 * of the certificate's. */
struct vouched {
	uint64_t chunks;
	uint8_t head[HASH_SIZE];
};

/* A live session: its file, its FIFO, its recorder's socket. */
struct session {
	LIST_ENTRY(session) link, id_link;
	TAILQ_ENTRY(session) ready_link;
	struct collector *c;
	struct session_name name;
	char day[STORE_DAY_MAX];
	struct intake in;

	dev_t dev;          /* that its file is on */
	int fifo;           /* -1: it has none any more */
	dev_t fifo_dev;
	ino_t fifo_ino;
	size_t fifo_size;   /* of the pipe's buffer */
	struct source fifo_source;
	int writer_seen;    /* somebody had it open for writing */
	int fifo_hup;       /* and epoll said that nobody has now */
	int is_ready;
	int unwatched;      /* epoll is not told of its FIFO */
	int idle;           /* but its FIFO is where those are in which nothing happens */
	struct pace *pace;  /* it waits there to be looked into, or NULL */
	TAILQ_ENTRY(session) pace_link;
	struct quota_user *user;
	uint64_t crawl_ns;  /* quota.h */
	uint64_t slow_ns;   /* when its recorder was last told that it crawls */
	int console;        /* root on one: gate.h */
	uint64_t partial_ns; /* since when it holds the start of a frame; 0: it does not */

	int spool;          /* -1: not opened */
	int spooling;       /* it is read up to spool_len once the FIFO is empty */
	int drained_due;    /* its recorder waits to hear that all is on disk */
	uint64_t spool_off, spool_len, spool_generation; /* read; to be read */

	int sock;           /* -1: the recorder is not connected */
	unsigned version;   /* that it speaks, message.h; 0: it has not spoken to us yet */
	struct source sock_source;
	int ack_blocked;    /* its socket was full */
	int held;           /* it is to stand still, as a plugin wants */
	int gone;           /* the keeper is: no writer is worth waiting for */
	uint64_t grace_ns;  /* until then a keeper that is there may open its FIFO */

	struct sync_job job;
	int job_busy;
	enum heartbeat heartbeat; /* it is put on disk with others: heartbeats.h */
	TAILQ_ENTRY(session) heartbeat_link;
	uint64_t heartbeat_frame; /* on disk then */
	int dirty, urgent;  /* to be synced when the job is back */
	TAILQ_ENTRY(session) dirty_link; /* while dirty */
	int sync_failed;    /* fdatasync failed once: never believed again */
	struct sync_job folder_job; /* the file's name; once, at the beginning */
	int folder_busy;
	int ledger_busy;    /* OPEN is not on disk yet */
	struct vouched begun, sent, vouched; /* its certificate; at the syncer's; on disk */
	int opening;        /* its recorder waits for the certificate */
	uint64_t synced;    /* the last SEAL frame on disk */
	/* since when the oldest SEAL waits that no sync covers yet, that the one under way
	 * covers, that is on disk and not acknowledged; CLOCK_MONOTONIC, 0: none */
	struct ack_wait {
		uint64_t sealed_ns, syncing_ns, unacked_ns;
	} wait[2]; /* by enum ack_kind */

	int stopped;        /* it reads no more: the next collector does */
	int stalled;        /* the store could not be written */
	int waiting;        /* its FIFO has what it may not bring in yet: gate.h */
	int parked;         /* spool_park.h, once */
	enum session_end end;
	uint64_t close_seq; /* of c->close_seq, once end is set */
};

/* A session whose file holds chain and is open for appending at its end.  fifo
 * may be -1.  Takes over file, fifo; on error it closes both.  Found again by
 * registry_find().  NULL without memory or epoll. */
struct session *session_new(struct collector *c, const struct session_name *name, const char *day,
    int file, const struct chain *chain, int fifo);

/* A new session, whose recorder is attached, begins: it gets its certificate, the
 * file's first frame, when that and the file's name are on disk.  Takes over
 * folder, where the name is. */
void session_begin(struct session *s, int folder);

/* Gives the session its recorder's socket, instead of the one it had. */
void session_attach(struct session *s, int sock);

/* Sends ACK of what is on disk. */
void session_ack(struct session *s);

/* One turn: at most one pipe full.  s->is_ready says whether it wants another. */
void session_turn(struct session *s);

/* For a session that was just told to begin: looks at its FIFO in a while, so that
 * its program is started first. */
void session_rest(struct session *s);

/* Puts it on the list of those that get a turn. */
void session_ready(struct session *s);

/* A pace at which FIFOs are looked into each ms milliseconds. */
void session_pace_init(struct pace *p, unsigned ms);

/* Something of it must be synced, soon or at once. */
void session_dirty(struct session *s, int urgent);

/* Nothing of it waits to be synced any more. */
void session_clean(struct session *s);

/* Hands to the syncer what waits. */
void session_submit(struct session *s);

/* A job of it is back.  May free s. */
void session_synced(void *session, struct sync_job *j);

/* What came in until now goes to disk with others' heartbeats; has gone.  The second may
 * free s. */
void session_heartbeat_sent(struct session *s);
void session_heartbeat_synced(struct session *s);

/* Its OPEN is on disk, or may never be (error).  May free s. */
void session_logged(void *session, int error);

/* Nothing of it is with the syncer, or has to go there. */
int session_is_quiet(const struct session *s);

/* Begins the end: nothing more is read; when the file is synced it gets its
 * final name. */
void session_close(struct session *s, enum session_end end);

/* The end: final name, FIFO removed, packing asked for.  Frees s. */
void session_finish(struct session *s);

/* Once a second for those that wait for something: store, recorder, the rest of
 * a frame. */
void session_tick(struct session *s);

/* Reads no more; what is there stays in the FIFO for the next collector. */
void session_stop(struct session *s);

/* Frees it and lets the FIFO and the file be. */
void session_free(struct session *s);

#endif
