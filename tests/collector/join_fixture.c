/* SPDX-License-Identifier: ISC */
#include "join_fixture.h"

#include <check.h>
#include <errno.h>
#include <signal.h>

#include "acct_fake.h"

struct join *j;
struct proc_stat alive[ALIVE_MAX];
size_t alive_count;
unsigned stats;
struct process_record out[OUT_MAX];
size_t out_count;
int emit_result;
struct life known[ALIVE_MAX];
size_t known_count;
int known_answer, known_doubt;
double now_s;

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

static int fake_life(void *ctx, const struct acct_record *r, struct life *f, int *in_doubt)
{
	(void)ctx;
	*in_doubt = known_doubt;
	for (size_t i = 0; i < known_count; i++) {
		if (known[i].pid == r->pid) {
			*f = known[i];
			return known_answer;
		}
	}
	return 0;
}

void lives(pid_t pid, pid_t ppid, uint64_t start_ticks)
{
	ck_assert_uint_lt(alive_count, ALIVE_MAX);
	alive[alive_count++] = (struct proc_stat){ .pid = pid, .ppid = ppid, .state = 'S',
		.start_ticks = start_ticks };
}

void dies(pid_t pid)
{
	for (size_t i = 0; i < alive_count; i++)
		if (alive[i].pid == pid)
			alive[i] = alive[--alive_count];
}

void join_setup(void)
{
	struct join_ops ops = { .stat = fake_stat, .start_wall = fake_start, .emit = fake_emit,
		.life = fake_life };

	alive_count = out_count = known_count = 0;
	known_answer = 1;
	known_doubt = 0;
	stats = 0;
	emit_result = 0;
	now_s = 100;
	ck_assert_int_eq(join_new(&j, &ops), 0);
	lives(1, 0, 0);
}

void join_teardown(void)
{
	join_free(j);
}

static void push_raw(const uint8_t raw[ACCT_SIZE])
{
	static uint32_t place;
	struct acct_record r;

	ck_assert_int_eq(acct_record_parse(raw, &r), 0);
	ck_assert_int_eq(join_push(j, &r, raw, 1, place++), 0);
}

void push_full(uint32_t pid, uint32_t ppid, uint16_t tty, uint32_t btime)
{
	uint64_t ns = (uint64_t)(++now_s * 1e9);
	uint8_t raw[ACCT_SIZE];

	fake_record(raw, pid, ppid, tty, btime, 1);
	push_raw(raw);
	join_read(j, ns, ns, ns, ns);
}

void push(uint32_t pid, uint32_t ppid)
{
	push_full(pid, ppid, 0, BOOT + 100);
}

static void make_lived(uint8_t raw[ACCT_SIZE], uint32_t pid, uint32_t ppid, double at_s,
    double lived_s)
{
	float hundredths = (float)(lived_s * 100);

	fake_record(raw, pid, ppid, 0, BOOT + (uint32_t)at_s - (uint32_t)lived_s, 1);
	memcpy(raw + 28, &hundredths, sizeof(hundredths));
}

static void read_at(double at_s)
{
	uint64_t ns = (uint64_t)(at_s * 1e9);

	join_read(j, ns, ns, ns, ns);
}

void push_lived(uint32_t pid, uint32_t ppid, double at_s, double lived_s, int exact)
{
	uint8_t raw[ACCT_SIZE];

	make_lived(raw, pid, ppid, at_s, lived_s);
	push_raw(raw);
	if (exact)
		read_at(at_s);
	else
		join_read(j, 0, UINT64_C(10000000000000), 0, UINT64_C(10000000000000));
}

void push_killed(uint32_t pid, uint32_t ppid, double at_s, double lived_s)
{
	uint8_t raw[ACCT_SIZE];

	make_lived(raw, pid, ppid, at_s, lived_s);
	put_u32(raw + 4, SIGKILL);
	push_raw(raw);
	read_at(at_s);
}

void settle(void)
{
	ck_assert_int_ge(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 5), 0);
	ck_assert_uint_eq(join_pending(j), 0);
}

void is(size_t i, uint64_t session, uint8_t reason)
{
	ck_assert_uint_lt(i, out_count);
	ck_assert_uint_eq(out[i].session, session);
	ck_assert_uint_eq(out[i].reason, reason);
}

void keeper(void)
{
	lives(80, 1, 10);
	lives(90, 80, 20);
	lives(100, 90, 30);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0x08800005, 1), 0);
}
