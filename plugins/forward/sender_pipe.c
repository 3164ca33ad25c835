/* SPDX-License-Identifier: ISC */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../fleet/db.h"
#include "array.h"
#include "clock.h"
#include "err.h"
#include "sender_internal.h"

/* What each is prepared as; names of columns are made of the columns' types. */
static const struct {
	const char *name, *call;
	const enum column_type *columns; /* NULL: the call is whole */
	const char *more;                /* parameters behind the columns */
} statements[ST_COUNT] = {
	[ST_BEGIN] = {.name = "b", .call = "begin"},
	[ST_COMMIT] = {.name = "c", .call = "commit"},
	[ST_SESSIONS] = {.name = "sessions", .call = "select shellac.put_sessions(",
	    .columns = session_columns},
	[ST_CHUNKS] = {.name = "chunks", .call = "select shellac.put_chunks(", .columns = chunk_columns,
	    .more = ", $6::bytea"},
	[ST_PROCESSES] = {.name = "processes", .call = "select shellac.put_processes(",
	    .columns = process_columns},
	[ST_BYTES] = {.name = "bytes", .call = "select length, changed from shellac.put_bytes($1::int4, $2::int8, "
	    "$3::date, $4::int8, $5::bytea)"},
	[ST_FILE] = {.name = "file", .call = "select shellac.put_file($1::text, $2::bytea)"},
	[ST_FOLDER] = {.name = "folder", .call = "select shellac.put_folder($1::text, $2::text[])"},
	[ST_LOST] = {.name = "lost", .call = "select shellac.put_lost($1::int8, $2::int8, $3::text)"},
	[ST_BEAT] = {.name = "beat", .call = "select shellac.beat($1::int8, $2::int8, $3::text)"},
	[ST_PREPARE] = {.name = "prepare", .call = "select shellac.prepare(array[$1::date])"},
};

int pipe_fail(struct sender *s, const char *why)
{
	if (s->why[0] == '\0')
		snprintf(s->why, sizeof(s->why), "%.*s", (int)strcspn(why, "\n"), why);
	return E_REFUSED;
}

static int fail(struct sender *s)
{
	char why[512];

	return pipe_fail(s, fleet_why(why, sizeof(why), s->c, NULL));
}

static void notice(void *arg, const PGresult *r)
{
	struct sender *s = arg;

	(void)r;
	s->warned = 1;
}

static int prepare_one(struct sender *s, enum statement what)
{
	char sql[1024];
	size_t len;
	unsigned i;
	PGresult *r;
	int ok;

	len = (size_t)snprintf(sql, sizeof(sql), "%s", statements[what].call);
	for (i = 0; statements[what].columns != NULL &&
	    statements[what].columns[i] != COLUMN_END; i++)
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s$%u::%s", i > 0 ? ", " : "",
		    i + 1, rows_type_name(statements[what].columns[i]));
	if (i > 0)
		snprintf(sql + len, sizeof(sql) - len, "%s)",
		    statements[what].more != NULL ? statements[what].more : "");
	r = PQprepare(s->c, statements[what].name, sql, 0, NULL);
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	return ok ? 0 : fail(s);
}

/* A server that does not wait for its disk says nothing that would be worth an ack. */
static const char settle[] = "select pg_catalog.set_config('synchronous_commit', 'on', false) "
    "where pg_catalog.current_setting('synchronous_commit') in ('off', 'local')";

int pipe_start(struct sender *s)
{
	PGresult *r;
	int i;

	if (fleet_run(s->c, settle) != 0 ||
	    fleet_query(s->c, &r, "select shellac.hello()", 0, NULL) != 0)
		return fail(s);
	snprintf(s->store, sizeof(s->store), "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	snprintf(s->place, sizeof(s->place), "%s:%s", PQhost(s->c), PQport(s->c));
	for (i = 0; i < ST_COUNT; i++)
		if (prepare_one(s, (enum statement)i) != 0)
			return E_REFUSED;
	PQsetNoticeReceiver(s->c, notice, s);
	return 0;
}

/* A local socket holds some 200 KB and does not grow, as one of TCP does: the server would
 * wait in the midst of a statement while the next one is made here. */
static void widen(int fd)
{
	const int bytes = 1 << 20;
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &len) == 0 && a.ss_family == AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

int sender_begin(struct sender *s)
{
	widen(PQsocket(s->c));
	s->warned = 0;
	s->progress_ns = clock_boot();
	return PQenterPipelineMode(s->c) == 1 && PQsetnonblocking(s->c, 1) == 0 ? 0 : fail(s);
}

static int add_due(struct sender *s, const struct due *d)
{
	if (s->first > 0 && s->first == s->used)
		s->first = s->used = 0;
	if (s->first > 256 && s->first * 2 > s->used) {
		memmove(s->due, s->due + s->first, (s->used - s->first) * sizeof(*s->due));
		s->used -= s->first;
		s->first = 0;
	}
	if (array_room(&s->due, s->used, &s->room, sizeof(*s->due)) != 0)
		return -ENOMEM;
	s->due[s->used++] = *d;
	s->flight += d->bytes;
	return 0;
}

/* The transaction is on disk, wherever the server wants it to be. */
static int committed(struct sender *s, const struct due *d, const PGresult *r)
{
	size_t i;

	if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)r), "COMMIT") != 0)
		return pipe_fail(s, "the server rolled a transaction back");
	if (s->warned) /* it stopped waiting for its standbys: what is safe is not known */
		return pipe_fail(s, "the server committed with a warning; sending it again");
	for (i = 0; i < d->length; i++)
		if (cursor_apply(s->cursor, &s->mark[i]) != 0)
			return -ENOMEM;
	s->marks -= d->length;
	if (s->marks > 0)
		memmove(s->mark, s->mark + d->length, s->marks * sizeof(*s->mark));
	s->counts.commits++;
	s->counts.rows += d->rows;
	s->counts.bytes += d->evidence;
	s->counts.last_ns = clock_wall();
	return 0;
}

static int64_t integer(const PGresult *r, int column)
{
	const char *p = PQgetvalue(r, 0, column);
	uint64_t be64;
	uint32_t be32;

	if (PQgetlength(r, 0, column) == 8) {
		memcpy(&be64, p, 8);
		return (int64_t)be64toh(be64);
	}
	if (PQgetlength(r, 0, column) != 4)
		return -1;
	memcpy(&be32, p, 4);
	return (int32_t)be32toh(be32);
}

static int take(struct sender *s, const struct due *d, const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	char why[512];
	int64_t bad;

	if (d->what == ST_SYNC)
		return status == PGRES_PIPELINE_SYNC ? 0 : pipe_fail(s, "an odd answer");
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return pipe_fail(s, fleet_why(why, sizeof(why), s->c, r));
	if (d->what == ST_COMMIT)
		return committed(s, d, r);
	if (d->what != ST_CHUNKS && d->what != ST_BYTES)
		return 0;
	bad = PQntuples(r) == 1 ? integer(r, d->what == ST_BYTES) : -1;
	if (bad < 0)
		return pipe_fail(s, "an odd answer");
	s->counts.tampered += (uint64_t)bad;
	if (d->what == ST_BYTES && integer(r, 0) < (int64_t)d->length)
		return pipe_fail(s, "the fleet store has less than it said that it had");
	return 0;
}

/* All results that are there. */
static int take_all(struct sender *s)
{
	PGresult *r;
	int nothing = 0, e = 0;

	while (e == 0 && s->first < s->used && nothing < 2 && !PQisBusy(s->c)) {
		r = PQgetResult(s->c);
		if (r == NULL) {
			nothing++;
			continue;
		}
		nothing = 0;
		s->flight -= s->due[s->first].bytes;
		e = take(s, &s->due[s->first++], r);
		s->progress_ns = clock_boot();
		PQclear(r);
	}
	return e;
}

/* Writes what the socket takes, *more where that is not all, and takes what came. */
static int turn(struct sender *s, int *more)
{
	s->unseen = 0;
	*more = PQflush(s->c);
	return *more < 0 || PQconsumeInput(s->c) != 1 ? fail(s) : take_all(s);
}

/* Until the socket has news. */
static int rest(struct sender *s, int more)
{
	struct pollfd fd[2] = {{.fd = PQsocket(s->c), .events = more ? POLLIN | POLLOUT : POLLIN},
		{.fd = s->stop, .events = POLLIN}};
	int r = poll(fd, s->stopping ? 1 : 2, 1000);

	if (r > 0 && !s->stopping && fd[1].revents != 0)
		return SENDER_STOP;
	if (r > 0 && (fd[0].revents & POLLOUT) != 0)
		s->progress_ns = clock_boot();
	if (clock_boot() - s->progress_ns > SENDER_SILENCE_NS)
		return pipe_fail(s, "the server gave no answer for 45 s");
	return 0;
}

int pipe_turn(struct sender *s)
{
	int more;

	return turn(s, &more);
}

/* Until the socket has taken all. */
static int empty(struct sender *s)
{
	int more, r = turn(s, &more);

	while (r == 0 && more && (r = rest(s, more)) == 0)
		r = turn(s, &more);
	return r;
}

int pipe_send(struct sender *s, enum statement what, int n, const char *const *value,
    const int *length, const struct due *d)
{
	static const int binary[ROWS_COLUMNS_MAX] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct due this = d != NULL ? *d : (struct due){0};
	int r;

	this.what = what;
	/* libpq moves all that it still has at each write */
	if (this.bytes >= SENDER_STEP && (r = empty(s)) != 0)
		return r;
	if ((r = add_due(s, &this)) != 0)
		return r;
	if (PQsendQueryPrepared(s->c, statements[what].name, n, value, length, binary, 1) != 1)
		return fail(s);
	return pipe_turn(s);
}

int pipe_sync(struct sender *s)
{
	const struct due d = {.what = ST_SYNC};

	if (add_due(s, &d) != 0)
		return -ENOMEM;
	return PQpipelineSync(s->c) == 1 ? 0 : fail(s);
}

int pipe_wait(struct sender *s, size_t flight)
{
	int more, r;

	while ((r = turn(s, &more)) == 0 &&
	    (s->flight > flight || (flight == 0 && s->first < s->used)) &&
	    (r = rest(s, more)) == 0)
		;
	return r;
}
