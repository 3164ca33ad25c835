/* SPDX-License-Identifier: ISC */
#include "lives_fixture.h"

#include <check.h>
#include <errno.h>
#include <string.h>

#include "cert.h"

#define THERE_MAX 512

struct lives *l;
uint64_t tick;

static struct {
	struct proc_stat stat;
	uint32_t uid;
} there[THERE_MAX];
static uint32_t pids[THERE_MAX];
static size_t there_count;

static size_t find(uint32_t pid)
{
	size_t i = 0;

	while (i < there_count && there[i].stat.pid != (pid_t)pid)
		i++;
	return i;
}

static int fake_stat(void *ctx, pid_t pid, struct proc_stat *s)
{
	size_t i = find((uint32_t)pid);

	(void)ctx;
	if (i == there_count)
		return -ESRCH;
	*s = there[i].stat;
	return 0;
}

static long fake_pids(void *ctx, const uint32_t **out)
{
	(void)ctx;
	for (size_t i = 0; i < there_count; i++)
		pids[i] = (uint32_t)there[i].stat.pid;
	*out = pids;
	return (long)there_count;
}

static int fake_ids(void *ctx, pid_t pid, struct proc_ids *ids)
{
	size_t i = find((uint32_t)pid);

	(void)ctx;
	if (i == there_count)
		return -ESRCH;
	*ids = (struct proc_ids){ .uid = there[i].uid, .euid = there[i].uid };
	return 0;
}

/* Programs of odd process ids are root's. */
static int fake_roots(void *ctx, pid_t pid)
{
	(void)ctx;
	return pid % 2;
}

void is_there(uint32_t pid, uint32_t ppid, uint64_t start_ticks, uint32_t sid, uint32_t tty_dev,
    const char *comm, uint32_t uid)
{
	size_t i = find(pid);

	ck_assert_uint_lt(i, THERE_MAX);
	there_count += i == there_count ? 1 : 0;
	there[i].stat = (struct proc_stat){ .pid = (pid_t)pid, .ppid = (pid_t)ppid,
		.session = (pid_t)sid, .tty_dev = tty_dev, .start_ticks = start_ticks,
		.state = 'S' };
	strncpy(there[i].stat.comm, comm, sizeof(there[i].stat.comm) - 1);
	there[i].uid = uid;
}

/* Its children go to process 1. */
void is_over(uint32_t pid)
{
	size_t i = find(pid);

	if (i < there_count)
		there[i] = there[--there_count];
	for (i = 0; i < there_count; i++)
		if (there[i].stat.ppid == (pid_t)pid)
			there[i].stat.ppid = 1;
}

void lives_setup(void)
{
	struct lives_ops ops = { .stat = fake_stat, .pids = fake_pids, .ids = fake_ids,
		.is_roots = fake_roots };

	there_count = 0;
	tick = 1000;
	ck_assert_int_eq(lives_new(&l, &ops), 0);
	is_there(1, 0, 0, 1, 0, "init", 0);
	is_there(80, 1, 10, 80, 0, "sshd", 0);
	is_there(90, 80, 20, 90, LIVES_TTY, "bash", 1000);
	is_there(95, 90, 30, 90, LIVES_TTY, "shellac-rec", 1000);
	ck_assert_int_eq(lives_rebuild(l), 0);
	lives_settled(l);
}

void lives_teardown(void)
{
	lives_free(l);
}

void unheard(uint32_t ppid, uint32_t pid)
{
	size_t i = find(ppid);

	ck_assert_uint_lt(i, there_count);
	is_there(pid, ppid, tick++, (uint32_t)there[i].stat.session, there[i].stat.tty_dev,
	    there[i].stat.comm, there[i].uid);
}

void fork_of(uint32_t ppid, uint32_t pid)
{
	struct pevent e = { .what = PEVENT_FORK, .pid = pid, .ppid = ppid, .start_ticks = tick };

	unheard(ppid, pid);
	ck_assert_int_eq(lives_event(l, &e), 0);
}

void exec_of(uint32_t pid, const char *comm, uint32_t uid)
{
	struct pevent ids = { .what = PEVENT_UID, .pid = pid, .uid = uid, .euid = uid };
	struct pevent e = { .what = PEVENT_EXEC, .pid = pid, .exec.audit_session = CERT_UNSET };

	ck_assert_int_eq(lives_event(l, &ids), 0);
	memcpy(e.comm, comm, strnlen(comm, sizeof(e.comm)));
	ck_assert_int_eq(lives_event(l, &e), 0);
}

void event(uint8_t what, uint32_t pid)
{
	struct pevent e = { .what = what, .pid = pid };

	ck_assert_int_eq(lives_event(l, &e), 0);
}

int record(uint32_t pid, uint64_t start_ticks, struct life *out)
{
	is_over(pid);
	return lives_ended(l, pid, LIVES_BOOT + (int64_t)start_ticks / 100, LIVES_BOOT, out);
}

void is(uint32_t pid, uint64_t session, uint8_t reason, uint8_t certainty)
{
	const struct life *f = lives_get(l, pid);

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->session, session);
	ck_assert_uint_eq(f->reason, reason);
	ck_assert_uint_eq(f->certainty, certainty);
}
