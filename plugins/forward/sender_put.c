/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "clock.h"
#include "hash.h"
#include "sender_internal.h"

#define BATCH_ROWS 1000

const enum column_type session_columns[] = {COLUMN_INT8, COLUMN_BYTEA, COLUMN_DATE, COLUMN_INT8,
	COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT, COLUMN_TIME, COLUMN_TIME, COLUMN_TEXT,
	COLUMN_INT4, COLUMN_INT8, COLUMN_INT8, COLUMN_INT8, COLUMN_INT8, COLUMN_END};
const enum column_type chunk_columns[] = {COLUMN_INT8, COLUMN_INT8, COLUMN_BYTEA, COLUMN_INT4,
	COLUMN_INT4, COLUMN_END};
const enum column_type process_columns[] = {COLUMN_INT8, COLUMN_INT8, COLUMN_INT8, COLUMN_INT8,
	COLUMN_TIME, COLUMN_TIME, COLUMN_INT8, COLUMN_INT8, COLUMN_TEXT, COLUMN_INT8, COLUMN_INT8,
	COLUMN_INT8, COLUMN_INT8, COLUMN_INT8, COLUMN_INT4, COLUMN_TEXT, COLUMN_TEXT, COLUMN_TEXT,
	COLUMN_TEXT, COLUMN_TEXT, COLUMN_INT4, COLUMN_INT2, COLUMN_INT4, COLUMN_INT2, COLUMN_INT2,
	COLUMN_INT2, COLUMN_FLOAT8, COLUMN_FLOAT8, COLUMN_END};

static int begin(struct sender *s)
{
	if (s->open)
		return 0;
	s->open = 1;
	s->open_ns = clock_boot();
	return pipe_send(s, ST_BEGIN, 0, NULL, NULL, NULL);
}

static void count(struct sender *s, size_t bytes, uint64_t rows, uint64_t evidence)
{
	s->open_bytes += bytes;
	s->open_rows += rows;
	s->open_evidence += evidence;
}

/* Sends the rows that were gathered, and behind them what they are about: data, or NULL. */
static int flush_rows(struct sender *s, enum statement what, struct rows *rows,
    const uint8_t *data, size_t len)
{
	const char *value[ROWS_COLUMNS_MAX + 1];
	int length[ROWS_COLUMNS_MAX + 1], n = (int)rows->columns, r;
	struct due d = {.bytes = rows->bytes + len};

	if (rows->error != 0)
		return rows->error;
	if (rows->rows == 0)
		return 0;
	rows_params(rows, value, length);
	if (data != NULL) {
		value[n] = (const char *)data;
		length[n++] = (int)len;
	}
	r = begin(s);
	if (r == 0)
		r = pipe_send(s, what, n, value, length, &d);
	if (r != 0)
		return r; /* SENDER_STOP: they stay, for sender_finish() */
	count(s, d.bytes, rows->rows, 0);
	rows_clear(rows);
	return 0;
}

/* A session's row stands in front of its chunks. */
static int flush(struct sender *s)
{
	int r = flush_rows(s, ST_SESSIONS, &s->sessions, NULL, 0);

	if (r == 0)
		r = flush_rows(s, ST_CHUNKS, &s->chunks, s->data, s->data_len);
	if (r == 0)
		s->data_len = 0;
	if (r == 0)
		r = flush_rows(s, ST_PROCESSES, &s->processes, NULL, 0);
	return r;
}

/* Rows of one kind are many enough. */
static int flush_if_full(struct sender *s, const struct rows *rows)
{
	if (rows->rows < BATCH_ROWS && rows->bytes + s->data_len < SENDER_BATCH)
		return rows->error;
	return flush(s);
}

int sender_commit(struct sender *s)
{
	struct due d = {0};
	int r = flush(s);

	if (r == 0 && !s->open && s->marked > 0)
		r = begin(s);
	if (r != 0 || !s->open)
		return r;
	d.length = s->marked;
	d.rows = s->open_rows;
	d.evidence = s->open_evidence;
	s->marked = s->open_bytes = 0;
	s->open_rows = s->open_evidence = 0;
	s->open = 0;
	r = pipe_send(s, ST_COMMIT, 0, NULL, NULL, &d);
	if (r == 0)
		r = pipe_sync(s);
	return r == 0 ? pipe_wait(s, SENDER_FLIGHT) : r;
}

int sender_put_session(struct sender *s, const struct sender_session *x)
{
	struct rows *r = &s->sessions;
	const struct cert *c = x->cert;
	int over = strcmp(x->state, "live") != 0;
	int status = over && x->last != NULL && x->last->kind == SEAL_END;

	rows_int(r, (int64_t)x->n);
	rows_bytes(r, x->id, ID_SIZE);
	rows_day(r, x->day);
	c != NULL ? rows_int(r, c->uid) : rows_null(r);
	rows_text(r, c != NULL ? c->user : NULL);
	rows_text(r, c != NULL ? c->tty : NULL);
	rows_text(r, c != NULL ? c->from : NULL);
	rows_text(r, c != NULL ? c->host : NULL);
	rows_time(r, c != NULL ? c->wall_ns : 0);
	rows_time(r, over && x->last != NULL ? x->last->wall_ns : 0);
	rows_utf8(r, x->state);
	status ? rows_int(r, (int32_t)x->last->status) : rows_null(r);
	x->last != NULL && over ? rows_int(r, (int64_t)x->last->in_bytes) : rows_null(r);
	x->last != NULL && over ? rows_int(r, (int64_t)x->last->out_bytes) : rows_null(r);
	over ? rows_int(r, (int64_t)x->chunks) : rows_null(r);
	over ? rows_int(r, (int64_t)x->size) : rows_null(r);
	return flush_if_full(s, r);
}

int sender_put_chunk(struct sender *s, uint64_t n, uint64_t seq, const void *p, size_t len)
{
	uint8_t digest[HASH_SIZE];
	struct hash h;
	int r;

	hash_begin(&h);
	hash_add(&h, p, len, NULL, 0);
	hash_get(&h, digest);
	assert(s->data_len < SENDER_BATCH && len <= CONTAINER_SEGMENT_MAX);
	rows_int(&s->chunks, (int64_t)n);
	rows_int(&s->chunks, (int64_t)seq);
	rows_bytes(&s->chunks, digest, sizeof(digest));
	rows_int(&s->chunks, (int64_t)s->data_len);
	rows_int(&s->chunks, (int64_t)len);
	memcpy(s->data + s->data_len, p, len);
	s->data_len += len;
	s->open_evidence += len;
	s->unseen += len;
	r = flush_if_full(s, &s->chunks);
	/* what the socket had no room for goes while the next statement is made */
	return r == 0 && s->unseen >= SENDER_STEP ? pipe_turn(s) : r;
}

struct rows *sender_process(struct sender *s)
{
	return &s->processes;
}

int sender_put_process(struct sender *s)
{
	return flush_if_full(s, &s->processes);
}

/* One statement behind what was gathered. */
static int put(struct sender *s, enum statement what, int n, const char *const *value,
    const int *length, const struct due *d, uint64_t evidence)
{
	int r = flush(s);

	if (r == 0)
		r = begin(s);
	if (r == 0)
		r = pipe_send(s, what, n, value, length, d);
	if (r == 0)
		count(s, d->bytes, 1, evidence);
	return r;
}

int sender_put_bytes(struct sender *s, int kind, uint64_t n, const char *day, uint64_t from,
    const void *p, size_t len)
{
	uint32_t kind_be = htonl((uint32_t)kind), day_be = htonl((uint32_t)rows_date(day));
	uint64_t n_be = htobe64(n), from_be = htobe64(from);
	const char *value[] = {(char *)&kind_be, (char *)&n_be, (char *)&day_be, (char *)&from_be, p};
	const int length[] = {4, 8, 4, 8, (int)len};
	struct due d = {.bytes = len, .length = from + len};

	return put(s, ST_BYTES, 5, value, length, &d, len);
}

int sender_put_file(struct sender *s, const char *path, const void *p, size_t len)
{
	const char *value[] = {path, p};
	const int length[] = {(int)strlen(path), (int)len};
	struct due d = {.bytes = len};

	return put(s, ST_FILE, 2, value, length, &d, len);
}

int sender_put_folder(struct sender *s, const char *folder, struct rows *names)
{
	const char *value[2] = {folder};
	int length[2] = {(int)strlen(folder)};
	struct due d = {.bytes = names->bytes};

	if (names->error != 0)
		return names->error;
	rows_params(names, value + 1, length + 1);
	return put(s, ST_FOLDER, 2, value, length, &d, 0);
}

int sender_put_lost(struct sender *s, uint64_t n, uint64_t seq, const char *reason)
{
	uint64_t n_be = htobe64(n), seq_be = htobe64(seq);
	const char *value[] = {(char *)&n_be, (char *)&seq_be, reason};
	const int length[] = {8, 8, (int)strlen(reason)};
	const struct due d = {0};

	return put(s, ST_LOST, 3, value, length, &d, 0);
}

int sender_beat(struct sender *s, uint64_t behind, uint64_t lost, const char *state)
{
	uint64_t behind_be = htobe64(behind), lost_be = htobe64(lost);
	const char *value[] = {(char *)&behind_be, (char *)&lost_be, state};
	const int length[] = {8, 8, (int)strlen(state)};
	const struct due d = {0};

	return put(s, ST_BEAT, 3, value, length, &d, 0);
}

int sender_prepare(struct sender *s, const char *day)
{
	uint32_t day_be = htonl((uint32_t)rows_date(day));
	const char *value[] = {(char *)&day_be};
	const int length[] = {4};
	const struct due d = {0};
	size_t i;
	int r;

	for (i = 0; i < s->days; i++)
		if (strcmp(s->day[i], day) == 0)
			return 0;
	if (array_room(&s->day, s->days, &s->day_room, sizeof(*s->day)) != 0)
		return -ENOMEM;
	snprintf(s->day[s->days++], STORE_DAY_MAX, "%s", day);
	if ((r = sender_commit(s)) == 0 && (r = put(s, ST_PREPARE, 1, value, length, &d, 0)) == 0)
		r = sender_commit(s);
	return r;
}
