/* SPDX-License-Identifier: ISC */
#include "index_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../collector/acct_fake.h"
#include "../lib/suite.h"

struct world index_world;
static uint32_t seed;
static uint64_t began[PIDS]; /* the start of the life that had its EXEC and did not end */

uint32_t index_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

void index_setup(void)
{
	char cache[96];

	world_make(&index_world);
	memset(began, 0, sizeof began);
	snprintf(cache, sizeof cache, "%s/cache", index_world.dir);
	ck_assert_int_eq(setenv("XDG_CACHE_HOME", cache, 1), 0);
	seed = (uint32_t)getpid();
}

void index_teardown(void)
{
	world_remove(&index_world);
}

/* -- made up records -- */

void index_ended(uint32_t pid, uint32_t uid, const char *comm, uint64_t session, int64_t start,
    uint32_t ticks)
{
	struct process_record r = { .reason = REASON_FORK, .session = session };
	float etime = (float)ticks;

	fake_record(r.body, pid, 1, 0, (uint32_t)(BOOT_S + start), 1);
	put_u32(r.body + 8, uid);
	memcpy(r.body + 28, &etime, sizeof etime);
	memset(r.body + 48, 0, ACCT_COMM);
	memcpy(r.body + 48, comm, strnlen(comm, ACCT_COMM));
	r.start_ticks = began[pid] != 0 ? began[pid] : (uint64_t)start * 100;
	began[pid] = 0;
	world_slot(&index_world, &r);
}

void index_begins(uint32_t pid, int64_t start, const char *text, size_t len)
{
	if (began[pid] == 0)
		began[pid] = (uint64_t)start * 100 + 1;
	world_exec_of(&index_world, pid, began[pid], text, len);
}

static void loss(void)
{
	struct process_record r = { .kind = PROCESS_LOSS };

	process_loss_put(r.body, &(struct process_loss){ .source = 1, .state = 1 });
	world_slot(&index_world, &r);
}

void index_some(unsigned count, int64_t *now)
{
	static const char *const names[] = { "sh", "cat", "sixteen letters!", "", "\33[0m" };
	const char text[200] = "/bin/cat";

	for (unsigned i = 0; i < count; i++) {
		uint32_t pid = 2 + index_below(300);

		*now += index_below(20);
		if (index_below(4) == 0)
			index_begins(pid, *now, text, index_below(200));
		else if (index_below(500) == 0)
			loss();
		else
			index_ended(pid, 1000 + index_below(4) * index_below(4) * index_below(4), names[index_below(5)],
			    index_below(3) == 0 ? 1 + (uint64_t)*now / 5000 : 0, *now, index_below(100000));
	}
}

/* -- what is asked -- */

static void segment(void *arg, const struct process_segment *g)
{
	struct rows *rows = arg;

	rows->segment = *g;
}

static void say(struct rows *rows, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct rows *rows, const char *fmt, ...)
{
	va_list ap;

	ck_assert_uint_lt(rows->lines, LINES_MAX);
	va_start(ap, fmt);
	ck_assert_int_ge(vasprintf(&rows->line[rows->lines++], fmt, ap), 0);
	va_end(ap);
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	struct rows *rows = arg;

	rows->read++;
	if (p->kind == PROCESS_LOSS)
		say(rows, "loss %llu.%llu", (unsigned long long)at->k, (unsigned long long)at->i);
}

static void record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct rows *rows = arg;
	const struct ask *q = rows->ask;
	int64_t start = p->start_ticks != 0 && rows->segment.boot.ticks_per_s != 0 ?
	    process_boot_date(&rows->segment.boot, p->start_ticks) : r->btime * SECOND;
	int64_t end = start + (int64_t)(r->elapsed_s * 1e9);
	uint64_t exec = rows->execs[r->pid].start == p->start_ticks ? rows->execs[r->pid].len : 0;

	if ((q->uid != 0 && r->uid != q->uid) || (q->not_uid != 0 && r->uid == q->not_uid) ||
	    (q->comm != NULL && strcmp(r->comm, q->comm) != 0 && exec != q->or_len + 1) ||
	    (q->session != 0 && p->session != q->session) || start > q->to_ns || end < q->from_ns)
		return;
	say(rows, "%lu %lu %s %llu %llu exec %llu", (unsigned long)r->pid, (unsigned long)r->uid,
	    r->comm, (unsigned long long)p->session, (unsigned long long)p->start_ticks,
	    (unsigned long long)exec);
}

static void exec(void *arg, const struct process_text *t)
{
	struct rows *rows = arg;

	rows->execs[t->exec.pid].start = t->record.start_ticks;
	rows->execs[t->exec.pid].len = 1 + t->exec.text_len;
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	say(arg, "%s %llu %s %d", path, (unsigned long long)offset, text, tail);
}

static int is_uid(void *ctx, uint32_t uid)
{
	const struct ask *q = ctx;

	return (q->uid == 0 || uid == q->uid) && (q->not_uid == 0 || uid != q->not_uid);
}

static int is_comm(void *ctx, const char *comm)
{
	const struct ask *q = ctx;

	return strcmp(comm, q->comm) == 0;
}

void index_ask(struct rows *rows, struct process_index *x, struct ask *ask)
{
	const struct process_index_query q = {
		.uid = ask->uid != 0 || ask->not_uid != 0 ? is_uid : NULL,
		.comm = ask->comm != NULL ? is_comm : NULL, .ctx = ask, .session = ask->session,
		.from_ns = ask->from_ns, .to_ns = ask->to_ns, .execs = 1,
	};
	const struct process_walk walk = { .segment = segment, .slot = slot, .record = record,
		.exec = exec, .trouble = trouble, .arg = rows };

	memset(rows, 0, sizeof *rows);
	rows->ask = ask;
	ck_assert_int_ge(process_index_walk(x, &index_world.store, &q, &walk), 0);
}

void index_release(struct rows *rows)
{
	for (size_t i = 0; i < rows->lines; i++)
		free(rows->line[i]);
}

struct rows index_rows;
static struct rows without;

size_t index_same(struct process_index *x, struct ask *ask)
{
	index_ask(&without, NULL, ask);
	index_ask(&index_rows, x, ask);
	ck_assert_uint_eq(index_rows.lines, without.lines);
	for (size_t i = 0; i < index_rows.lines; i++)
		ck_assert_str_eq(index_rows.line[i], without.line[i]);
	ck_assert_uint_le(index_rows.read, without.read);
	index_release(&index_rows);
	index_release(&without);
	return index_rows.read;
}

struct ask index_all(void)
{
	return (struct ask){ .from_ns = INT64_MIN, .to_ns = INT64_MAX };
}

void index_questions(struct process_index *x, int64_t now)
{
	static const char *const names[] = { "sh", "sixteen letters!", "", "\33[0m", "none" };

	for (int i = 0; i < 20; i++) {
		struct ask q = index_all();

		if (index_below(2) == 0)
			q.uid = 1000 + index_below(30);
		else if (index_below(4) == 0)
			q.not_uid = 1000;
		if (index_below(3) == 0)
			q.comm = names[index_below(5)];
		q.or_len = index_below(200);
		if (index_below(3) == 0)
			q.session = 1 + index_below((uint32_t)(now / 5000) + 2);
		if (index_below(2) == 0) {
			q.from_ns = (BOOT_S + index_below((uint32_t)now + 1000)) * SECOND;
			q.to_ns = q.from_ns + (int64_t)index_below(20000) * SECOND;
		}
		index_same(x, &q);
	}
}

struct process_index *index_open(void)
{
	struct process_index *x;

	ck_assert_int_eq(process_index_open(&x, &index_world.store, index_world.dir), 0);
	return x;
}
