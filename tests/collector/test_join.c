/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "../../collector/join.h"
#include "../lib/suite.h"
#include "acct_fake.h"

#define ALIVE_MAX 64
#define OUT_MAX 40000
#define BOOT 1000000 /* wall clock of the boot, seconds */

static struct join *j;
static struct proc_stat alive[ALIVE_MAX];
static size_t alive_count;
static unsigned stats; /* looks at /proc */
static struct process_record out[OUT_MAX];
static size_t out_count;
static int emit_result;

static int fake_stat(void *ctx, pid_t pid, struct proc_stat *s)
{
	(void)ctx;
	stats++;
	for (size_t i = 0; i < alive_count; i++) {
		if (alive[i].pid == pid) {
			*s = alive[i];
			return 0;
		}
	}
	return -ESRCH;
}

static int64_t fake_start(void *ctx, uint64_t ticks)
{
	(void)ctx;
	return BOOT + (int64_t)ticks / 100;
}

static int fake_emit(void *ctx, const struct process_record *r)
{
	(void)ctx;
	if (emit_result != 0)
		return emit_result;
	ck_assert_uint_lt(out_count, OUT_MAX);
	out[out_count++] = *r;
	return 0;
}

static void lives(pid_t pid, pid_t ppid, uint64_t start_ticks)
{
	ck_assert_uint_lt(alive_count, ALIVE_MAX);
	alive[alive_count++] = (struct proc_stat){ .pid = pid, .ppid = ppid, .state = 'S',
		.start_ticks = start_ticks };
}

static void dies(pid_t pid)
{
	for (size_t i = 0; i < alive_count; i++)
		if (alive[i].pid == pid)
			alive[i] = alive[--alive_count];
}

static void setup(void)
{
	struct join_ops ops = { .stat = fake_stat, .start_wall = fake_start, .emit = fake_emit };

	alive_count = out_count = 0;
	stats = 0;
	emit_result = 0;
	ck_assert_int_eq(join_new(&j, &ops), 0);
	lives(1, 0, 0);
}

static void teardown(void)
{
	join_free(j);
}

static void push_full(uint32_t pid, uint32_t ppid, uint16_t tty, uint32_t btime)
{
	static uint32_t place;
	uint8_t raw[ACCT_SIZE];
	struct acct_record r;

	fake_record(raw, pid, ppid, tty, btime, 1);
	ck_assert_int_eq(acct_record_parse(raw, &r), 0);
	ck_assert_int_eq(join_push(j, &r, raw, 1, place++), 0);
}

static void push(uint32_t pid, uint32_t ppid)
{
	push_full(pid, ppid, 0, BOOT + 100);
}

static void settle(void)
{
	ck_assert_int_ge(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 5), 0);
	ck_assert_uint_eq(join_pending(j), 0);
}

static void is(size_t i, uint64_t session, uint8_t reason)
{
	ck_assert_uint_lt(i, out_count);
	ck_assert_uint_eq(out[i].session, session);
	ck_assert_uint_eq(out[i].reason, reason);
}

/* keeper 100 of session 1, a child of front 90, a child of 80 */
static void keeper(void)
{
	lives(80, 1, 10);
	lives(90, 80, 20);
	lives(100, 90, 30);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0x08800005, 1), 0);
}

START_TEST(chain_of_ended)
{
	keeper();
	push(103, 102); /* grandchild, child, shell, and one of nobody */
	push(102, 101);
	push(101, 100);
	push(200, 1);
	push_full(201, 0, 0x8801, 0);
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].keeper_pid, 100);
	ck_assert_uint_eq(out[0].outer, 0);
	ck_assert_int_eq(out[0].read_wall_ns, 5);
	is(3, 0, REASON_NO_RECORDER);
	is(4, 0, REASON_NO_RECORDER_TERMINAL);
	ck_assert_uint_eq(join_commands(j, 1), 3);
	ck_assert_uint_eq(join_commands(j, 2), 0);
}
END_TEST

START_TEST(living_parents)
{
	keeper();
	lives(101, 100, 40);
	lives(102, 101, 50);
	push(103, 102);
	push(104, 80); /* beside the recorder */
	settle();
	is(0, 1, REASON_ANCESTRY_LIVE);
	is(1, 0, REASON_NO_RECORDER);
	unsigned before = stats;
	for (uint32_t i = 0; i < 1000; i++)
		push(1000 + i, 102);
	settle();
	is(1001, 1, REASON_ANCESTRY_LIVE);
	ck_assert_uint_eq(stats, before); /* remembered */
}
END_TEST

/* The answer for a living process ends with its record. */
START_TEST(pid_given_out_again)
{
	keeper();
	lives(101, 100, 40);
	push(300, 101);
	settle();
	is(0, 1, REASON_ANCESTRY_LIVE);
	dies(101);
	lives(101, 1, 500);
	push(301, 101); /* a child of the life in the session */
	push(101, 100); /* which ends here */
	push(302, 101); /* a child of the next one, which lives */
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	is(3, 0, REASON_NO_RECORDER);
}
END_TEST

/* Three lives of one pid in a row: each child goes to the one that ended next. */
START_TEST(kth_life)
{
	keeper();
	push(400, 150);
	push(150, 1);
	push(401, 150);
	push(150, 100);
	push(402, 150);
	push(150, 1);
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_ANCESTRY);
	is(4, 0, REASON_NO_RECORDER);
}
END_TEST

/* setsid, double fork: the parent ended first, the keeper is the subreaper. */
START_TEST(orphans)
{
	keeper();
	push(101, 100);
	push(110, 100); /* the daemon, reparented to the keeper */
	settle();
	dies(90); /* the front has left: the keeper lingers below 1 */
	alive[alive_count - 1].ppid = 1;
	push(112, 111);
	push(111, 100);
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(keeper_ends)
{
	keeper();
	push(101, 100);
	push_full(100, 90, 0, BOOT + 0); /* its own record */
	push(90, 80);
	push(120, 100); /* another life of the pid */
	push(100, 1);
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_RECORDER);
	ck_assert_uint_eq(out[1].keeper_pid, 100);
	is(2, 0, REASON_NO_RECORDER);
	is(3, 0, REASON_NO_RECORDER);
	is(4, 0, REASON_NO_RECORDER);
	ck_assert_uint_eq(join_commands(j, 1), 1);
}
END_TEST

/* Same pid, other start: not the keeper. */
START_TEST(keeper_start)
{
	lives(100, 1, 31);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0, 0), 0);
	push(101, 100);
	settle();
	is(0, 0, REASON_NO_RECORDER);
}
END_TEST

/* A keeper that ended while no collector was there: told by its start, to 2 s. */
START_TEST(keeper_of_before)
{
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 50000, 0, 0), 0);
	push_full(101, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 490); /* an earlier life */
	push_full(102, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 501);
	push_full(103, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 501); /* only one life is the keeper's */
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(1, 0, REASON_NO_RECORDER);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_RECORDER);
	is(4, 0, REASON_NO_RECORDER);
	is(5, 0, REASON_NO_RECORDER);
}
END_TEST

START_TEST(nested)
{
	keeper();
	lives(101, 100, 40);  /* shell of session 1 */
	lives(140, 101, 50);  /* front of session 2 */
	lives(141, 140, 60);  /* its keeper */
	ck_assert_int_eq(join_add_keeper(j, 2, 141, 60, 0x08800006, 1), 0);
	push(143, 142);
	push(142, 141);
	settle();
	is(0, 2, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].outer, 1);
	ck_assert_uint_eq(out[0].keeper_pid, 141);
	dies(141);
	push(141, 140);
	push(140, 101);
	settle();
	is(2, 2, REASON_RECORDER);
	ck_assert_uint_eq(out[2].outer, 1);
	is(3, 1, REASON_ANCESTRY_LIVE);
	ck_assert_uint_eq(out[3].outer, 0);
	ck_assert_uint_eq(join_commands(j, 1), 1);
	ck_assert_uint_eq(join_commands(j, 2), 2);
}
END_TEST

/* Both keepers ended while no collector was there: the outer one is found through
 * the inner one's own record. */
START_TEST(nested_of_before)
{
	ck_assert_int_eq(join_add_keeper(j, 2, 141, 60, 0, 0), 0);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0, 0), 0);
	join_keepers_outer(j);
	push(142, 141);
	push_full(141, 140, 0, BOOT);
	push(140, 101);
	push(101, 100);
	push_full(100, 1, 0, BOOT);
	settle();
	is(0, 2, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].outer, 1);
	is(1, 2, REASON_RECORDER);
	ck_assert_uint_eq(out[1].outer, 1);
	is(2, 1, REASON_ANCESTRY);
	is(4, 1, REASON_RECORDER);
}
END_TEST

/* Neither later in the file nor alive. */
START_TEST(broken)
{
	keeper();
	push(501, 500);
	settle();
	is(0, 0, REASON_BROKEN);
}
END_TEST

/* A child that ends between its parent's record and being given away. */
START_TEST(parent_recorded_first)
{
	keeper();
	push(101, 100);
	push(102, 101);
	settle();
	is(1, 1, REASON_ANCESTRY);
	push(103, 101); /* the parent's record was settled before */
	settle();
	is(2, 1, REASON_ANCESTRY);
}
END_TEST

/* A zombie parent: its answer is not kept for the pid's next life. */
START_TEST(zombie_parent)
{
	keeper();
	lives(101, 100, 40);
	alive[alive_count - 1].state = 'Z';
	push(101, 100);
	push(102, 101);
	settle();
	is(1, 1, REASON_ANCESTRY_LIVE);
	dies(101);
	lives(101, 1, 90);
	push(103, 101);
	settle();
	is(2, 0, REASON_NO_RECORDER);
}
END_TEST

/* Looking at the living says when to read on: what ended meanwhile is in the file. */
START_TEST(look_again)
{
	keeper();
	push(103, 101); /* 101 is neither in the file yet nor alive */
	ck_assert_int_gt(join_look(j), 0);
	push(101, 100);
	ck_assert_int_eq(join_look(j), 1); /* the keeper */
	ck_assert_int_eq(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 0), 0);
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(circle)
{
	push(11, 10);
	push(10, 11);
	push(20, 20);
	settle();
	is(0, 0, REASON_BROKEN);
	is(1, 0, REASON_BROKEN);
	is(2, 0, REASON_BROKEN);
}
END_TEST

START_TEST(outer_terminal)
{
	keeper(); /* its outer terminal is pts/5 */
	push_full(101, 100, 0x8805, 0);
	push_full(102, 100, 0x8806, 0);
	push_full(103, 100, 0, 0);
	push_full(104, 1, 0x8805, 0);
	settle();
	ck_assert_uint_eq(out[0].flags, PROCESS_F_OTHER_TTY);
	ck_assert_uint_eq(out[1].flags, 0);
	ck_assert_uint_eq(out[2].flags, 0);
	ck_assert_uint_eq(out[3].flags, 0);
}
END_TEST

START_TEST(other_boot)
{
	keeper();
	join_other_boot(j, 1);
	push(101, 100);
	push_full(100, 1, 0, BOOT);
	push(102, 100);
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(1, 0, REASON_NO_RECORDER);
	is(2, 0, REASON_NO_RECORDER);
	join_other_boot(j, 0);
	push(103, 100);
	settle();
	is(3, 1, REASON_ANCESTRY);
}
END_TEST

/* What could not be written stays, and is settled later in the same way. */
START_TEST(emit_fails)
{
	keeper();
	push(102, 101);
	push(101, 100);
	ck_assert_int_ge(join_look(j), 0);
	emit_result = -ENOSPC;
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 0), -ENOSPC);
	ck_assert_uint_eq(join_pending(j), 2);
	ck_assert_uint_eq(join_commands(j, 1), 0);
	emit_result = 0;
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(join_commands(j, 1), 2);
}
END_TEST

START_TEST(in_parts)
{
	keeper();
	push(103, 102);
	push(102, 101);
	push(101, 100);
	ck_assert_int_ge(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, 1, 0), 0);
	ck_assert_uint_eq(out_count, 1);
	is(0, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(join_pending(j), 2);
	settle();
	is(2, 1, REASON_ANCESTRY);
}
END_TEST

/* A made up world, its truth known: processes start, end and lose their parents,
 * pids are few and come back at once.  Read in batches of any size. */
#define WORLD_PIDS 400
#define WORLD_STEPS 30000

static struct {
	int alive;
	uint32_t ppid;
	uint64_t session, start;
} world[WORLD_PIDS];
static uint64_t truth[OUT_MAX];
static size_t truths;

static void world_alive(void)
{
	alive_count = 0;
	for (uint32_t p = 1; p < WORLD_PIDS && alive_count < ALIVE_MAX; p++)
		if (world[p].alive)
			lives((pid_t)p, (pid_t)world[p].ppid, world[p].start);
}

static uint32_t pick(int want_alive)
{
	uint32_t p;

	do
		p = 1 + (uint32_t)(random() % (WORLD_PIDS - 1));
	while (world[p].alive != want_alive);
	return p;
}

static void world_end(uint32_t p)
{
	push(p, world[p].ppid);
	truth[truths++] = world[p].session;
	world[p].alive = 0;
	for (uint32_t c = 1; c < WORLD_PIDS; c++)
		if (world[c].alive && world[c].ppid == p)
			world[c].ppid = world[c].session != 0 ? 9 + (uint32_t)world[c].session : 1;
}

static void world_start(uint64_t now, int population)
{
	uint32_t parent = pick(1), p;

	if (population >= ALIVE_MAX - 4)
		return;
	p = pick(0);
	world[p].alive = 1;
	world[p].ppid = parent;
	world[p].session = parent >= 10 && parent < 13 ? parent - 9 : world[parent].session;
	world[p].start = now;
}

START_TEST(storm)
{
	int population = 4;

	srandom(4);
	memset(world, 0, sizeof(world));
	truths = 0;
	world[1].alive = 1;
	for (uint32_t k = 10; k < 13; k++) {
		world[k].alive = 1;
		world[k].ppid = 1;
	}
	world_alive();
	for (uint32_t k = 10; k < 13; k++)
		ck_assert_int_eq(join_add_keeper(j, k - 9, (pid_t)k, 0, 0, 1), 0);
	for (uint64_t now = 1; now < WORLD_STEPS; now++) {
		uint32_t p = pick(1);

		if (random() % 2 && p != 1 && !(p >= 10 && p < 13)) {
			world_end(p);
			population--;
		} else if (population < ALIVE_MAX - 4) {
			world_start(now, population);
			population++;
		}
		if (random() % 50 == 0) {
			world_alive();
			settle();
		}
	}
	world_alive();
	settle();
	ck_assert_uint_eq(out_count, truths);
	ck_assert_uint_gt(truths, WORLD_STEPS / 4);
	for (size_t i = 0; i < truths; i++)
		ck_assert_uint_eq(out[i].session, truth[i]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("join");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, chain_of_ended);
	tcase_add_test(t, living_parents);
	tcase_add_test(t, pid_given_out_again);
	tcase_add_test(t, kth_life);
	tcase_add_test(t, orphans);
	tcase_add_test(t, keeper_ends);
	tcase_add_test(t, keeper_start);
	tcase_add_test(t, keeper_of_before);
	tcase_add_test(t, nested);
	tcase_add_test(t, nested_of_before);
	tcase_add_test(t, broken);
	tcase_add_test(t, parent_recorded_first);
	tcase_add_test(t, zombie_parent);
	tcase_add_test(t, look_again);
	tcase_add_test(t, circle);
	tcase_add_test(t, outer_terminal);
	tcase_add_test(t, other_boot);
	tcase_add_test(t, emit_fails);
	tcase_add_test(t, in_parts);
	tcase_add_test(t, storm);
	return suite_run_case("join", t);
}
