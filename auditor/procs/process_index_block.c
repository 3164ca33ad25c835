/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procs/process_index_internal.h"

#define SECOND INT64_C(1000000000)
#define ABOUT (2 * SECOND) /* what a start in seconds may be off, and more */
#define PID_MAX (1u << 22) /* PID_MAX_LIMIT of the kernel */
#define PAGE 4096          /* pids */
#define VALUES (2 * INDEX_BLOCK)

struct index_block {
	sqlite3 *db;
	sqlite3_stmt *put_block, *put_uid, *put_session, *put_comm, *put_need;
	int64_t id, from_ns, to_ns;
	uint64_t first;
	int flags; /* INDEX_ */
	struct process_segment segment;
	uint64_t uid[VALUES], session[VALUES];
	uint64_t need[VALUES];
	size_t uids, sessions, needs, comms;
	char comm[VALUES][ACCT_COMM];
	/* the block of the last EXEC of each process that has not ended, by pid; 0 none */
	int64_t *live[PID_MAX / PAGE];
	int error;
};

void index_block_free(struct index_block *b)
{
	if (b == NULL)
		return;
	sqlite3_finalize(b->put_block);
	sqlite3_finalize(b->put_uid);
	sqlite3_finalize(b->put_session);
	sqlite3_finalize(b->put_comm);
	sqlite3_finalize(b->put_need);
	for (size_t i = 0; i < PID_MAX / PAGE; i++)
		free(b->live[i]);
	free(b);
}

struct index_block *index_block_new(sqlite3 *db)
{
	struct index_block *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->db = db;
	if (cache_db_prepare(db, &b->put_block, "INSERT INTO block VALUES(?,?,?,?,?,?,?)") != 0 ||
	    cache_db_prepare(db, &b->put_uid, "INSERT INTO block_uid VALUES(?,?)") != 0 ||
	    cache_db_prepare(db, &b->put_session, "INSERT INTO block_session VALUES(?,?)") != 0 ||
	    cache_db_prepare(db, &b->put_comm, "INSERT INTO block_comm VALUES(?,?)") != 0 ||
	    cache_db_prepare(db, &b->put_need, "INSERT INTO need VALUES(?,?)") != 0) {
		index_block_free(b);
		return NULL;
	}
	return b;
}

static void set_live(struct index_block *b, uint32_t pid, int64_t block)
{
	int64_t **page;

	if (pid >= PID_MAX)
		return;
	page = &b->live[pid / PAGE];
	if (*page == NULL && block == 0)
		return;
	if (*page == NULL && (*page = calloc(PAGE, sizeof **page)) == NULL) {
		b->error = -ENOMEM;
		return;
	}
	(*page)[pid % PAGE] = block;
}

static int64_t get_live(const struct index_block *b, uint32_t pid)
{
	if (pid >= PID_MAX || b->live[pid / PAGE] == NULL)
		return 0;
	return b->live[pid / PAGE][pid % PAGE];
}

static void clear_live(struct index_block *b)
{
	for (size_t i = 0; i < PID_MAX / PAGE; i++) {
		free(b->live[i]);
		b->live[i] = NULL;
	}
}

static int load_one(void *ctx, sqlite3_stmt *st)
{
	struct index_block *b = ctx;

	set_live(b, (uint32_t)sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1));
	return b->error;
}

int index_block_load(struct index_block *b)
{
	sqlite3_stmt *st;
	int r;

	clear_live(b);
	r = cache_db_prepare(b->db, &st, "SELECT pid, block FROM live");
	return r != 0 ? r : cache_db_rows(st, load_one, b);
}

int index_block_save(struct index_block *b)
{
	sqlite3_stmt *st = NULL;
	int r = cache_db_exec(b->db, "DELETE FROM live");

	if (r == 0)
		r = cache_db_prepare(b->db, &st, "INSERT INTO live VALUES(?,?)");
	for (uint32_t pid = 0; r == 0 && pid < PID_MAX; pid++) {
		if (b->live[pid / PAGE] == NULL) {
			pid += PAGE - 1;
			continue;
		}
		if (get_live(b, pid) == 0)
			continue;
		sqlite3_bind_int64(st, 1, pid);
		sqlite3_bind_int64(st, 2, get_live(b, pid));
		r = cache_db_step(st);
	}
	sqlite3_finalize(st);
	return r;
}

void index_block_begin(struct index_block *b, int64_t id, const struct process_segment *g,
    uint64_t first)
{
	/* nothing of another boot lives */
	if (memcmp(b->segment.boot_id, g->boot_id, BOOT_ID_SIZE) != 0 && b->segment.k != 0)
		clear_live(b);
	b->segment = *g;
	b->id = id;
	b->first = first;
	b->from_ns = INT64_MAX;
	b->to_ns = INT64_MIN;
	b->flags = 0;
	b->uids = b->sessions = b->needs = b->comms = 0;
}

void index_block_always(struct index_block *b)
{
	b->flags |= INDEX_ALWAYS;
}

static void take_time(struct index_block *b, int64_t from_ns, int64_t to_ns)
{
	if (from_ns < b->from_ns)
		b->from_ns = from_ns;
	if (to_ns > b->to_ns)
		b->to_ns = to_ns;
}

static int64_t later(int64_t ns, double seconds)
{
	double sum = (double)ns + seconds * (double)SECOND;

	return sum < 9e18 ? (int64_t)sum : INT64_MAX;
}

/* The start as a segment since version 2 says it; 0: it does not. */
static int64_t start_of(const struct index_block *b, const struct process_record *p)
{
	if (p->start_ticks == 0 || b->segment.boot.ticks_per_s == 0)
		return 0;
	return process_boot_date(&b->segment.boot, p->start_ticks);
}

static void take_acct(struct index_block *b, const struct process_record *p)
{
	struct acct_record r;
	int64_t start, exact = start_of(b, p), exec;

	if (acct_record_parse(p->body, &r) != 0)
		return;
	start = (int64_t)r.btime * SECOND;
	take_time(b, start - ABOUT, later(start + ABOUT, r.elapsed_s));
	if (exact != 0)
		take_time(b, exact, later(exact, r.elapsed_s));
	b->uid[b->uids++] = r.uid;
	memcpy(b->comm[b->comms++], r.comm, ACCT_COMM);
	exec = get_live(b, r.pid);
	if (exec != 0)
		b->flags |= INDEX_TEXTS;
	if (exec != 0 && exec != b->id)
		b->need[b->needs++] = (uint64_t)exec;
	set_live(b, r.pid, 0);
}

static void take_exec(struct index_block *b, const struct process_record *p)
{
	struct process_exec e;
	int64_t start = start_of(b, p), at;

	if (process_exec_parse(p->body, &e) != 0)
		return;
	if (b->segment.boot.ticks_per_s != 0 && b->segment.boot.boot_wall_ns != 0) {
		at = later(b->segment.boot.boot_wall_ns, (double)e.boot_ns / (double)SECOND);
		take_time(b, at - ABOUT, at);
	} else {
		b->flags |= INDEX_ALWAYS;
	}
	if (start != 0)
		take_time(b, start, start);
	b->uid[b->uids++] = e.uid;
	b->uid[b->uids++] = e.euid;
	memcpy(b->comm[b->comms++], e.comm, ACCT_COMM);
	b->flags |= INDEX_TEXTS;
	set_live(b, e.pid, b->id);
}

void index_block_take(struct index_block *b, const struct process_record *p)
{
	if (p->kind == PROCESS_ACCT)
		take_acct(b, p);
	else if (p->kind == PROCESS_EXEC)
		take_exec(b, p);
	else if (p->kind != PROCESS_TEXT && p->kind != PROCESS_BOOT && p->kind != PROCESS_INPUT)
		b->flags |= INDEX_ALWAYS;
	if (p->kind == PROCESS_TEXT)
		return;
	if (p->session != 0)
		b->session[b->sessions++] = p->session;
	if (p->outer != 0)
		b->session[b->sessions++] = p->outer;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int by_name(const void *a, const void *b)
{
	return memcmp(a, b, ACCT_COMM);
}

/* Each number once, with the block: (number, block), or for needs (block, number). */
static int put_numbers(sqlite3_stmt *st, int64_t id, int number_at, uint64_t *v, size_t count)
{
	int r = 0;

	if (count > 0)
		qsort(v, count, sizeof *v, by_number);
	for (size_t i = 0; i < count && r == 0; i++) {
		if (i > 0 && v[i] == v[i - 1])
			continue;
		sqlite3_bind_int64(st, number_at, (int64_t)v[i]);
		sqlite3_bind_int64(st, 3 - number_at, id);
		r = cache_db_step(st);
	}
	return r;
}

static int put_names(struct index_block *b)
{
	int r = 0;

	if (b->comms > 0)
		qsort(b->comm, b->comms, ACCT_COMM, by_name);
	for (size_t i = 0; i < b->comms && r == 0; i++) {
		if (i > 0 && memcmp(b->comm[i], b->comm[i - 1], ACCT_COMM) == 0)
			continue;
		sqlite3_bind_blob(b->put_comm, 1, b->comm[i], ACCT_COMM, SQLITE_STATIC);
		sqlite3_bind_int64(b->put_comm, 2, b->id);
		r = cache_db_step(b->put_comm);
	}
	return r;
}

int index_block_end(struct index_block *b, uint64_t slots)
{
	const int64_t row[] = { b->id, (int64_t)b->segment.k, (int64_t)b->first, (int64_t)slots,
		b->from_ns, b->to_ns, b->flags };
	int r = b->error;

	for (int i = 0; i < (int)(sizeof row / sizeof row[0]); i++)
		sqlite3_bind_int64(b->put_block, i + 1, row[i]);
	if (r != 0 || (r = cache_db_step(b->put_block)) != 0 ||
	    (r = put_numbers(b->put_uid, b->id, 1, b->uid, b->uids)) != 0 ||
	    (r = put_numbers(b->put_session, b->id, 1, b->session, b->sessions)) != 0 ||
	    (r = put_numbers(b->put_need, b->id, 2, b->need, b->needs)) != 0)
		return r;
	return put_names(b);
}
