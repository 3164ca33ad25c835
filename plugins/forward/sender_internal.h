/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_SENDER_INTERNAL_H
#define SHELLAC_FORWARD_SENDER_INTERNAL_H

#include <libpq-fe.h>

#include "container.h"
#include "sender.h"
#include "store_name.h"

/* Between sender.c, sender_pipe.c and sender_put.c. */

enum statement { ST_BEGIN, ST_COMMIT, ST_SESSIONS, ST_CHUNKS, ST_PROCESSES, ST_BYTES, ST_FILE,
	ST_FOLDER, ST_LOST, ST_BEAT, ST_PREPARE, ST_COUNT, ST_SYNC = ST_COUNT };

/* A result that is to come. */
struct due {
	enum statement what;
	size_t bytes;       /* that count as on their way until it is here */
	uint64_t length;    /* ST_BYTES: what there are then; ST_COMMIT: how many marks */
	uint64_t rows, evidence; /* ST_COMMIT: of the transaction */
};

struct sender {
	PGconn *c;
	const char *conninfo;
	struct cursor *cursor;
	int stop, stopping;       /* stopping: waiting goes on although stop is readable */
	char store[SENDER_STORE_MAX], place[256], why[512];

	struct due *due;          /* a queue: from first on, used of them */
	size_t first, used, room;
	struct cursor_mark *mark; /* likewise, in the order of commits */
	size_t marks, mark_room, marked; /* marked: of them in the open transaction */
	size_t flight;            /* bytes on their way */
	uint64_t progress_ns;     /* boot clock: when something last came, or could be sent */
	int warned;               /* the server warned since the last result */

	int open;                 /* a transaction is begun */
	uint64_t open_ns;
	size_t open_bytes;
	uint64_t open_rows, open_evidence;
	struct rows sessions, chunks, processes;
	uint8_t *data;            /* of the chunks, one behind the other: SENDER_DATA */
	size_t data_len;
	size_t unseen;            /* bytes gathered since the socket was looked at */
	char (*day)[STORE_DAY_MAX]; /* that have partitions, of this connection */
	size_t days, day_room;
	struct sender_counts counts;
};

/* Rows are sent before they are more than a batch. */
#define SENDER_BATCH (1 << 20)
/* The socket is looked at as often. */
#define SENDER_STEP (64 << 10)
#define SENDER_DATA (SENDER_BATCH + CONTAINER_SEGMENT_MAX)

/* What a result that is missing for so long means: nobody is there. */
#define SENDER_SILENCE_NS UINT64_C(45000000000)

int pipe_fail(struct sender *s, const char *why);

/* Sends the statement with n parameters, all binary.  As sender_put_chunk(); with SENDER_STOP
 * it was not sent. */
int pipe_send(struct sender *s, enum statement what, int n, const char *const *value,
    const int *length, const struct due *d);
int pipe_sync(struct sender *s);
/* Writes what the socket takes, and takes what came. */
int pipe_turn(struct sender *s);
/* Waits until no more than so many bytes are on their way. */
int pipe_wait(struct sender *s, size_t flight);
/* Readies a new connection, which is no pipeline yet.  0 or E_REFUSED. */
int pipe_start(struct sender *s);

/* The columns of the statements that take rows. */
extern const enum column_type session_columns[], chunk_columns[], process_columns[];

#endif
