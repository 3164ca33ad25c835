/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "events_fixture.h"
#include "procfs.h"
#include "sanitized.h"

#ifdef SANITIZED
#define STORM 2000
#else
#define STORM 20000
#endif

/* What was seen of the children of one process. */
struct tally {
	uint32_t parent;
	uint64_t forks, exits, losses;
	uint8_t alive[4194304 / 8];
};

static int count(void *ctx, const struct pevent *e)
{
	struct tally *t = ctx;
	uint8_t bit = (uint8_t)(1 << e->pid % 8);

	if (e->what == PEVENT_LOSS)
		t->losses++;
	if (e->what == PEVENT_FORK && e->ppid == t->parent) {
		t->forks++;
		t->alive[e->pid / 8] |= bit;
	}
	if (e->what == PEVENT_EXIT && t->alive[e->pid / 8] & bit) {
		t->exits++;
		t->alive[e->pid / 8] &= (uint8_t)~bit;
	}
	return 0;
}

/* CPU time of the thread called events, in seconds. */
static double thread_seconds(void)
{
	DIR *d = opendir("/proc/self/task");
	unsigned long user, system;
	char path[300], comm[32];
	struct dirent *e;
	double sum = -1;
	FILE *f;

	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", e->d_name);
		f = fopen(path, "r");
		if (f == NULL)
			continue;
		if (fscanf(f, "%*d %31s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", comm,
		    &user, &system) == 3 && strcmp(comm, "(events)") == 0)
			sum = (double)(user + system) / 100;
		fclose(f);
	}
	closedir(d);
	return sum;
}

/* None of a storm's forks is lost, and the loop is woken at most every 10 ms. */
START_TEST(storm)
{
	static struct tally t;
	struct pollfd p = {.fd = process_events_fd(pe), .events = POLLIN};
	uint64_t begin = clock_mono(), turns = 0;
	pid_t pid = fork();
	int i;

	if (pid == 0) {
		for (i = 0; i < STORM; i++)
			fork_and_end();
		_exit(0);
	}
	t.parent = (uint32_t)pid;
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (poll(&p, 1, 1000) == 0)
			continue;
		turns++;
		ck_assert_int_eq(process_events_take(pe, 0, count, &t), 0);
	}
	ck_assert_uint_le(turns, (clock_mono() - begin) / 10000000 + 2);
	ck_assert_int_eq(process_events_take(pe, 1, count, &t), 0);
	ck_assert_uint_eq(t.losses, 0);
	ck_assert_uint_eq(t.forks, STORM);
	ck_assert_uint_eq(t.exits, STORM);
	ck_assert(thread_seconds() >= 0);
	ck_assert(thread_seconds() < 5);
	ck_assert(thread_seconds() * 1e9 < (double)(clock_mono() - begin));
}
END_TEST

/* The tick of the fork event is the one that /proc shows. */
START_TEST(start_ticks)
{
	struct proc_stat s;
	int i;

	for (i = 0; i < 400; i++) {
		struct wanted w = {.what = PEVENT_FORK};
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		w.pid = (uint32_t)pid;
		ck_assert_int_eq(procfs_stat(pid, &s), 0);
		take(&w);
		kill(pid, SIGKILL);
		reap(pid);
		ck_assert_uint_eq(w.found, 1);
		ck_assert_uint_eq(w.e.start_ticks, s.start_ticks);
		ck_assert_uint_eq(w.e.ppid, (uint32_t)getpid());
		ck_assert_int_eq(process_events_saw(pe, w.pid), 1);
	}
	ck_assert_int_eq(process_events_saw(pe, 4194303), 0);
}
END_TEST

static int first(void *ctx, const struct pevent *e)
{
	uint32_t *pid = ctx;

	if (e->what != PEVENT_FORK || e->ppid != (uint32_t)getpid())
		return 0;
	*pid = e->pid;
	return 7;
}

/* What one take stopped at is the last that it gave; the next goes on behind it. */
START_TEST(goes_on)
{
	uint32_t pid[3] = {0}, got = 0;
	int i;

	for (i = 0; i < 3; i++)
		pid[i] = (uint32_t)fork_and_end();
	for (i = 0; i < 3;) {
		ck_assert_int_eq(process_events_take(pe, 1, first, &got), 7);
		i += got == pid[i];
	}
	ck_assert_int_eq(process_events_take(pe, 1, first, &got), 0);
}
END_TEST

static void fork_on_each_cpu(void)
{
	cpu_set_t were, one;
	int i;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(were), &were), 0);
	for (i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &were))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
		fork_and_end();
	}
	ck_assert_int_eq(sched_setaffinity(0, sizeof(were), &were), 0);
}

static int add_losses(void *ctx, const struct pevent *e)
{
	uint64_t *sum = ctx;

	if (e->what == PEVENT_LOSS) {
		sum[0]++;
		sum[1] += e->count;
	}
	return 0;
}

/* Messages that the kernel sent between two looks at the counters of all cpus. */
static uint64_t sent(const struct proc_sequence *from, const struct proc_sequence *to)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < PROC_CONNECTOR_CPUS; i++)
		if (from->known[i])
			sum += to->next[i] - from->next[i];
	return sum;
}

/* Nobody reads while much happens: what is missing is said, to the message. */
START_TEST(loss)
{
	static struct proc_sequence before;
	struct process_events *s = still(4096);
	uint64_t lost[2] = {0}, had;
	int i;

	for (i = 0; i < 3; i++) { /* each cpu is known */
		fork_on_each_cpu();
		ck_assert_int_eq(events_drain(s), 0);
	}
	ck_assert_int_eq(process_events_take(s, 0, add_losses, lost), 0);
	before = s->sequence;
	had = s->count.messages;
	lost[0] = lost[1] = 0;
	for (i = 0; i < 2000; i++)
		fork_and_end();
	ck_assert_int_eq(events_drain(s), 0);
	ck_assert_int_eq(process_events_take(s, 0, add_losses, lost), 0);
	ck_assert_uint_ge(lost[0], 1); /* at once, whether or not the count is known */
	ck_assert_int_eq(process_events_saw(s, (uint32_t)getpid()), 0);
	for (i = 0; i < 50 && sent(&before, &s->sequence) < 4000; i++) {
		fork_on_each_cpu();
		ck_assert_int_eq(events_drain(s), 0);
	}
	ck_assert_int_eq(process_events_take(s, 0, add_losses, lost), 0);
	ck_assert_uint_ge(lost[1], 3000);
	ck_assert_uint_eq(sent(&before, &s->sequence), s->count.messages - had + lost[1]);
	ck_assert_uint_ge(sent(&before, &s->sequence), 4000);
	process_events_stop(s);
}
END_TEST

/* A canary that was seen before a loss says nothing of what came after it. */
START_TEST(loss_forgets)
{
	struct process_events *s = still(0);
	pid_t pid = fork_and_end();

	ck_assert_int_eq(events_drain(s), 0);
	ck_assert_int_eq(process_events_saw(s, (uint32_t)pid), 1);
	usleep(20000); /* another tick */
	s->overrun = 1;
	ck_assert_int_eq(events_drain(s), 0);
	ck_assert_int_eq(process_events_saw(s, (uint32_t)pid), 0);
	pid = fork_and_end();
	ck_assert_int_eq(events_drain(s), 0);
	ck_assert_int_eq(process_events_saw(s, (uint32_t)pid), 1);
	process_events_stop(s);
}
END_TEST

static int nothing(void *ctx, const struct pevent *e)
{
	unsigned *losses = ctx;

	*losses += e->what == PEVENT_LOSS;
	return 0;
}

/* A socket that fails says a loss, and then fails each time. */
START_TEST(broken)
{
	unsigned losses = 0;
	json_t *j;

	ck_assert_int_ge(dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), pe->sock), 0);
	ck_assert_int_eq(process_events_take(pe, 1, nothing, &losses), -ENOTSOCK);
	ck_assert_int_eq(process_events_take(pe, 1, nothing, &losses), -ENOTSOCK);
	ck_assert_uint_eq(losses, 1);
	j = process_events_status(pe);
	ck_assert_str_eq(json_string_value(json_object_get(j, "state")), "lost");
	json_decref(j);
}
END_TEST

START_TEST(status)
{
	unsigned losses = 0;
	json_t *j;

	fork_and_end();
	ck_assert_int_eq(process_events_take(pe, 1, nothing, &losses), 0);
	j = process_events_status(pe);
	ck_assert_str_eq(json_string_value(json_object_get(j, "state")), "on");
	ck_assert_int_ge(json_integer_value(json_object_get(j, "forks")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "foreign")), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(j, "malformed")), 0);
	json_decref(j);
	j = process_events_status(NULL);
	ck_assert_str_eq(json_string_value(json_object_get(j, "state")), "off");
	json_decref(j);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {storm, start_ticks, goes_on, broken, status, loss, loss_forgets};

	return events_suite("process_events_live", tests, sizeof(tests) / sizeof(tests[0]));
}
