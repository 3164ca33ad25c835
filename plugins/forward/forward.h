/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_H
#define SHELLAC_FORWARD_H

#include <stdint.h>

#include "cursor.h"
#include "ledger_entry.h"
#include "place.h"
#include "processes.h"
#include "sender.h"
#include "store_name.h"

/*
 * shellac-forward, between its pieces: round.c goes round, sessions.c, records.c,
 * ledger.c and files.c look what is new and send it, notice.c says how it is.
 */

/* A session that is not all sent. */
struct item {
	struct session_name name;
	char day[STORE_DAY_MAX];
	uint64_t seq, off;  /* sent up to here */
	uint64_t size;      /* of its file, as last seen */
	int row;            /* its row was sent */
	int done;           /* all is sent */
	int purge;          /* all of it was sent, and then its payload was purged */
	int trouble;        /* it cannot be read; that was said */
	uint64_t retry_ns;  /* not before, boot clock */
	int fd;             /* of a live one, kept open; or -1 */
};

/* Names of a folder of small files, in order. */
struct folder {
	const char *path;
	char **name;
	size_t names, room;
	uint64_t seen_ns;
	int complete;       /* the fleet store was told of all */
};
#define FOLDERS 5

struct forward {
	struct place place;
	struct sender *sender;
	struct cursor cursor;
	uint8_t host[ID_SIZE];
	int state_folder;          /* of the cursor, or -1 */
	uint64_t cursor_commits;   /* commits that the file has */
	uint64_t cursor_ns;

	struct item *item;         /* in order of n */
	size_t items, item_room, kept_open;
	uint64_t scanned_ns, looked_ns;
	uint64_t *purge;           /* sessions that were done, and of which a proof alone is left */
	size_t purges, purge_room;

	struct processes *processes;
	uint64_t segment, slot_off; /* sent up to here; 0 segment: begin anew */
	int segment_bad;           /* its slots are not looked at */
	uint64_t ledger;           /* sent up to here */
	int ledger_bad;
	struct folder folder[FOLDERS];
	uint8_t sent[5][HASH_SIZE]; /* digests of small files that change */
	uint64_t files_ns, beat_ns;

	uint64_t behind_bytes, behind_sessions, lost;
	uint64_t beat_behind;      /* what was said last */
	uint64_t told_tampered;    /* of those that the sender counts */
	int connected, was_behind;
	int events;                /* what is tampered with is an event, too */
};

/* Each: 0, SENDER_STOP, -ENOMEM, or E_REFUSED (the connection); what is wrong with a file is
 * said, and left for later. */
int forward_sessions(struct forward *f);
int forward_records(struct forward *f);
/* Looks ahead in the ledger up to its end as it is now, *to; then sends it up to there. */
int forward_ledger_look(struct forward *f, uint64_t *to);
int forward_ledger(struct forward *f, uint64_t to);
/* Small files.  The checkpoints are read first, before what they are about, and sent last. */
struct checkpoints {
	uint8_t *p[2];
	size_t len[2];
};
void forward_checkpoints_read(struct forward *f, struct checkpoints *c);
int forward_checkpoints(struct forward *f, struct checkpoints *c);
int forward_files(struct forward *f);

/* A connection begins: what was sent and not committed is to be sent again. */
void sessions_rewind(struct forward *f);
void records_rewind(struct forward *f);
void files_rewind(struct forward *f);
void files_release(struct forward *f);
void sessions_release(struct forward *f);

/* From the ledger: it has ended; its payload goes (0 or -ENOMEM). */
void sessions_closed(struct forward *f, uint64_t n);
int sessions_purged(struct forward *f, uint64_t n);

/* One round: all there is.  As above. */
int forward_round(struct forward *f);

/* How it is, where that has changed; each half minute to the fleet store. */
int notice_beat(struct forward *f);
void notice_changes(struct forward *f);
void notice_json(const struct forward *f);

/* The cursor in its folder: of this host and that fleet store, or a new one.  0 or -ENOMEM. */
int cursor_load(struct forward *f, const char *store);
/* Once a second at most, unless now is set. */
void cursor_save(struct forward *f, int now);

#endif
