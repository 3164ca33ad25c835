/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_SENDER_H
#define SHELLAC_FORWARD_SENDER_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "cursor.h"
#include "rows.h"

/*
 * What goes to the fleet store, in libpq's pipeline mode: rows are gathered into arrays,
 * statements into transactions, and several of these are on their way at once.  What a
 * commit has made safe moves the cursor.
 */
struct sender;

/* A transaction, and what is on its way.  The kernel has that: of libpq's memory and of
 * ours it is a statement each. */
#define SENDER_TRANSACTION (2 << 20)
#define SENDER_FLIGHT (6 << 20)
#define SENDER_STORE_MAX 64

struct sender_counts {
	uint64_t commits, rows, bytes; /* bytes of evidence, committed */
	uint64_t tampered;             /* keys that were there with other bytes */
	int64_t last_ns;               /* wall clock of the last commit; 0: none */
};

/* conninfo stays the caller's.  stop: a descriptor that gets readable when waiting is to
 * end.  cursor: of which sender_ functions move what is committed; the caller's. */
int sender_new(struct sender **out, const char *conninfo, struct cursor *cursor, int stop);
void sender_free(struct sender *s);

/* Connects, where it is not connected: 0, SENDER_STOP, or E_REFUSED and sender_why(). */
#define SENDER_STOP 1
int sender_connect(struct sender *s);
/* Then, with the cursor of that store: takes from it what the store does not have, because it
 * forgot that, and says so in *lacks.  As sender_put_session(), or E_RANGE: too much is not
 * there. */
struct sender_lacks {
	size_t sessions;
	int files; /* of the ledger, or of the process records */
};
int sender_compare(struct sender *s, struct sender_lacks *lacks);
/* Then: it is a pipeline.  0 or E_REFUSED. */
int sender_begin(struct sender *s);
void sender_close(struct sender *s);
/* Which store it is, and where: valid until sender_close(). */
const char *sender_store(const struct sender *s);
const char *sender_place(const struct sender *s);
const char *sender_why(const struct sender *s);
const struct sender_counts *sender_counts(const struct sender *s);

/* A session's row, by its certificate, or NULL where it has none. */
struct sender_session {
	uint64_t n;
	uint8_t id[ID_SIZE];
	const char *day;          /* "yyyy/mm/dd" */
	const char *state;        /* "live", "closed", "cut", "purged" */
	const struct cert *cert;
	const struct seal *last;  /* of one that has ended; NULL: none */
	uint64_t chunks, size;    /* likewise */
};
/* All of these: 0, SENDER_STOP, -ENOMEM, or E_REFUSED: the connection is to be closed, and
 * sender_why() says why.  They may wait until what is on its way is less. */
int sender_put_session(struct sender *s, const struct sender_session *row);
/* len: at most CONTAINER_SEGMENT_MAX. */
int sender_put_chunk(struct sender *s, uint64_t n, uint64_t seq, const void *p, size_t len);
int sender_put_bytes(struct sender *s, int kind, uint64_t n, const char *day, uint64_t from,
    const void *p, size_t len);
/* p NULL: it is gone */
int sender_put_file(struct sender *s, const char *path, const void *p, size_t len);
int sender_put_folder(struct sender *s, const char *folder, struct rows *names);
int sender_put_lost(struct sender *s, uint64_t n, uint64_t seq, const char *reason);
int sender_beat(struct sender *s, uint64_t behind, uint64_t lost, const char *state);
/* The row is the caller's to fill, then this is told of it. */
struct rows *sender_process(struct sender *s);
int sender_put_process(struct sender *s);

/* When what was put last is committed, the cursor has this. */
int sender_mark(struct sender *s, const struct cursor_mark *m);

/* Partitions for that day, "yyyy/mm/dd", where this connection has not asked for them; what
 * was put before is committed first. */
int sender_prepare(struct sender *s, const char *day);

/* Ends the transaction, where one is begun. */
int sender_commit(struct sender *s);
/* Waits until all that was committed is on disk. */
int sender_finish(struct sender *s);
/* Is the transaction large or old enough to be ended? */
int sender_due(const struct sender *s);

#endif
