/* SPDX-License-Identifier: ISC */
#include "../../auditor/procs/process_index.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../collector/acct_fake.h"
#include "../lib/suite.h"
#include "process_world.h"

#define SECOND 1000000000LL
#define BOOT_S 1790000000LL
#define LINES_MAX 30000
#define PIDS 4096

static struct world w;
static uint32_t seed;
static uint64_t began[PIDS]; /* the start of the life that had its EXEC and did not end */

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * n) >> 32);
}

static void setup(void)
{
	char cache[96];

	world_make(&w);
	memset(began, 0, sizeof began);
	snprintf(cache, sizeof cache, "%s/cache", w.dir);
	ck_assert_int_eq(setenv("XDG_CACHE_HOME", cache, 1), 0);
	seed = (uint32_t)getpid();
}

static void teardown(void)
{
	world_remove(&w);
}

/* -- made up records -- */

static void ended(uint32_t pid, uint32_t uid, const char *comm, uint64_t session, int64_t start,
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
	world_slot(&w, &r);
}

static void begins(uint32_t pid, int64_t start, const char *text, size_t len)
{
	if (began[pid] == 0)
		began[pid] = (uint64_t)start * 100 + 1;
	world_exec_of(&w, pid, began[pid], text, len);
}

static void loss(void)
{
	struct process_record r = { .kind = PROCESS_LOSS };

	process_loss_put(r.body, &(struct process_loss){ .source = 1, .state = 1 });
	world_slot(&w, &r);
}

/* Slots of all sorts, with times that go on, a few users and names. */
static void some(unsigned count, int64_t *now)
{
	static const char *const names[] = { "sh", "cat", "sixteen letters!", "", "\33[0m" };
	const char text[200] = "/bin/cat";

	for (unsigned i = 0; i < count; i++) {
		uint32_t pid = 2 + below(300);

		*now += below(20);
		if (below(4) == 0)
			begins(pid, *now, text, below(200));
		else if (below(500) == 0)
			loss();
		else
			ended(pid, 1000 + below(4) * below(4) * below(4), names[below(5)],
			    below(3) == 0 ? 1 + (uint64_t)*now / 5000 : 0, *now, below(100000));
	}
}

/* -- what is asked -- */

struct ask {
	uint32_t uid, not_uid;
	const char *comm;
	uint64_t or_len; /* or the program's text has so many bytes */
	uint64_t session;
	int64_t from_ns, to_ns;
};

struct rows {
	const struct ask *ask;
	struct process_segment segment;
	struct {
		uint64_t start, len; /* of the text, + 1 */
	} execs[PIDS]; /* the last one of each pid */
	char *line[LINES_MAX];
	size_t lines, read;
};

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

static void run(struct rows *rows, struct process_index *x, struct ask *ask)
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
	ck_assert_int_ge(process_index_walk(x, &w.store, &q, &walk), 0);
}

static void release(struct rows *rows)
{
	for (size_t i = 0; i < rows->lines; i++)
		free(rows->line[i]);
}

static struct rows with, without;

/* The rows with the index are those without; how many slots were read for them. */
static size_t same(struct process_index *x, struct ask *ask)
{
	run(&without, NULL, ask);
	run(&with, x, ask);
	ck_assert_uint_eq(with.lines, without.lines);
	for (size_t i = 0; i < with.lines; i++)
		ck_assert_str_eq(with.line[i], without.line[i]);
	ck_assert_uint_le(with.read, without.read);
	release(&with);
	release(&without);
	return with.read;
}

static struct ask all(void)
{
	return (struct ask){ .from_ns = INT64_MIN, .to_ns = INT64_MAX };
}

static void any_questions(struct process_index *x, int64_t now)
{
	static const char *const names[] = { "sh", "sixteen letters!", "", "\33[0m", "none" };

	for (int i = 0; i < 20; i++) {
		struct ask q = all();

		if (below(2) == 0)
			q.uid = 1000 + below(30);
		else if (below(4) == 0)
			q.not_uid = 1000;
		if (below(3) == 0)
			q.comm = names[below(5)];
		q.or_len = below(200);
		if (below(3) == 0)
			q.session = 1 + below((uint32_t)(now / 5000) + 2);
		if (below(2) == 0) {
			q.from_ns = (BOOT_S + below((uint32_t)now + 1000)) * SECOND;
			q.to_ns = q.from_ns + (int64_t)below(20000) * SECOND;
		}
		same(x, &q);
	}
}

static struct process_index *open_index(void)
{
	struct process_index *x;

	ck_assert_int_eq(process_index_open(&x, &w.store, w.dir), 0);
	return x;
}

/* -- tests -- */

START_TEST(any_data)
{
	int64_t now = 0;
	struct process_index *x;

	for (uint64_t k = 1; k < 6; k++) {
		world_segment(&w, k, k == 1 ? 1 : 2, BOOT_S * SECOND);
		if (k > 1)
			some(below(3000), &now);
		if (below(2) == 0) {
			x = open_index();
			any_questions(x, now);
			process_index_free(x);
			if (k > 1)
				some(below(3000), &now);
		}
	}
	x = open_index();
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

/* What is asked for stands in few blocks: few are read. */
START_TEST(reads_little)
{
	struct process_index *x;
	struct ask q = all();

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	for (uint32_t i = 0; i < 20480; i++)
		ended(5, 1000, i == 6000 ? "rare" : "sh", i / 1000, i, 1);
	ended(5, 1001, "sh", 0, 30000, 1);
	for (uint32_t i = 0; i < 1022; i++)
		ended(5, 1000, "sh", 0, 30000 + i, 1);
	x = open_index();
	ck_assert_uint_eq(same(x, &q), 20480 + 1023 + 1);
	q.uid = 1001;
	ck_assert_uint_le(same(x, &q), 1024);
	q = all();
	q.comm = "rare";
	ck_assert_uint_le(same(x, &q), 1024);
	q = all();
	q.session = 3;
	ck_assert_uint_le(same(x, &q), 2048);
	q = all();
	q.from_ns = (BOOT_S + 15000) * SECOND;
	q.to_ns = q.from_ns + 100 * SECOND;
	ck_assert_uint_le(same(x, &q), 1536);
	process_index_free(x);
}
END_TEST

/* The program of a long life stands far before its end. */
START_TEST(finds_the_exec)
{
	struct process_index *x;
	struct ask q = all();
	int64_t now = 0;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	begins(4000, 0, "/bin/long", 10);
	begins(4001, 0, "/bin/longer", 12);
	some(5000, &now);
	ended(4000, 77, "long", 0, 1, 100);
	some(3000, &now);
	x = open_index();
	ended(4001, 77, "longer", 0, 1, 100); /* behind the index */
	q.uid = 77;
	run(&with, x, &q);
	ck_assert_uint_ge(with.lines, 2);
	ck_assert(strstr(with.line[with.lines - 1], "exec 13") != NULL);
	release(&with);
	same(x, &q);
	process_index_free(x);
}
END_TEST

/* What is wrong with the records is said with an index too. */
START_TEST(says_trouble)
{
	struct process_index *x;
	struct ask q = all();
	int64_t now = 0;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(4000, &now);
	world_segment(&w, 3, 2, BOOT_S * SECOND);
	some(4000, &now);
	world_flip(&w, 1, PROCESS_HEADER + 2000 * PROCESS_SIZE + 124, 1);
	world_flip(&w, 3, PROCESS_HEADER + 700 * PROCESS_SIZE + 97, 0x80);
	world_bytes(&w, "torn", 4);
	x = open_index();
	q.uid = 12;
	run(&with, x, &q);
	ck_assert_uint_ge(with.lines, 4);
	release(&with);
	same(x, &q);
	process_index_free(x);
}
END_TEST

static void index_file(char *out, size_t size)
{
	char folder[128];
	struct dirent *e;
	DIR *d;

	snprintf(folder, sizeof folder, "%s/cache/shellac", w.dir);
	d = opendir(folder);
	ck_assert_ptr_nonnull(d);
	out[0] = '\0';
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".db") != NULL && strstr(e->d_name, "journal") == NULL)
			snprintf(out, size, "%s/%s", folder, e->d_name);
	closedir(d);
	ck_assert(out[0] != '\0');
}

/* Another store where the one was: told by its records. */
START_TEST(another_store)
{
	struct process_index *x;
	struct ask q = all();
	int64_t now = 0;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(4000, &now);
	process_index_free(open_index());
	ck_assert_int_eq(unlinkat(w.fd, "00000001.shlp", 0), 0);
	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(_i == 0 ? 6000 : 2000, &now);
	x = open_index();
	q.uid = 1001;
	same(x, &q);
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

/* A record is changed where it was indexed. */
START_TEST(changed_record)
{
	struct process_index *x;
	struct ask q = all();
	int64_t now = 0;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(4000, &now);
	process_index_free(open_index());
	world_flip(&w, 1, PROCESS_HEADER + 600 * PROCESS_SIZE + 9, 0x7f);
	x = open_index();
	q.not_uid = 1000;
	same(x, &q);
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

/* Whatever a file of that name holds, the rows are right, or there is no index. */
START_TEST(damaged_index)
{
	struct process_index *x = NULL;
	char path[512], junk[4096];
	int64_t now = 0;
	int fd;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(6000, &now);
	process_index_free(open_index());
	index_file(path, sizeof path);
	fd = open(path, O_RDWR);
	memset(junk, 0xa5, sizeof junk);
	if (_i < 7)
		ck_assert_int_gt(pwrite(fd, junk, sizeof junk, _i * 8192), 0);
	else if (_i == 7)
		ck_assert_int_eq(ftruncate(fd, 5000), 0);
	else if (_i == 8)
		ck_assert_int_eq(ftruncate(fd, 0), 0);
	else
		ck_assert_int_eq(unlink(path), 0);
	close(fd);
	if (process_index_open(&x, &w.store, w.dir) == 0)
		any_questions(x, now);
	process_index_free(x);
	x = NULL;
	ck_assert_int_eq(process_index_open(&x, &w.store, w.dir), 0);
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

/* A schema that somebody else made is not used. */
START_TEST(foreign_tables)
{
	char path[512], cmd[1024];
	struct process_index *x;
	int64_t now = 0;

	if (system("command -v sqlite3 >/dev/null") != 0)
		return;
	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(3000, &now);
	process_index_free(open_index());
	index_file(path, sizeof path);
	snprintf(cmd, sizeof cmd, "sqlite3 %s 'DROP TABLE block_uid; CREATE VIEW block_uid AS "
	    "SELECT 1 AS uid, 1 AS block'", path);
	ck_assert_int_eq(system(cmd), 0);
	x = open_index();
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

START_TEST(no_place)
{
	struct process_index *x = NULL;

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	ck_assert_int_eq(setenv("XDG_CACHE_HOME", "/proc/none", 1), 0);
	ck_assert_int_lt(process_index_open(&x, &w.store, w.dir), 0);
	ck_assert_ptr_null(x);
}
END_TEST

/* Several at once, while the store grows: each has the right rows. */
START_TEST(at_once)
{
	struct process_index *x = NULL;
	int64_t now = 0;
	int status;
	pid_t pid[3];

	world_segment(&w, 1, 2, BOOT_S * SECOND);
	some(20000, &now);
	for (int i = 0; i < 3; i++) {
		if ((pid[i] = fork()) != 0)
			continue;
		for (int round = 0; round < 3; round++) {
			if (process_index_open(&x, &w.store, w.dir) != 0)
				x = NULL;
			any_questions(x, now);
			process_index_free(x);
		}
		_exit(0);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_int_eq(status, 0);
	}
	x = open_index();
	any_questions(x, now);
	process_index_free(x);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("process_index");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, any_data, 0, 2);
	tcase_add_test(t, reads_little);
	tcase_add_test(t, finds_the_exec);
	tcase_add_test(t, says_trouble);
	tcase_add_loop_test(t, another_store, 0, 2);
	tcase_add_test(t, changed_record);
	tcase_add_loop_test(t, damaged_index, 0, 10);
	tcase_add_test(t, foreign_tables);
	tcase_add_test(t, no_place);
	tcase_add_test(t, at_once);
	return suite_run_case("process_index", t);
}
