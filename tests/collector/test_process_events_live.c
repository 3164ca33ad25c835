/* SPDX-License-Identifier: ISC */
#include "../../collector/process_events_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "clock.h"
#include "procfs.h"
#include "sanitized.h"

#ifdef SANITIZED
#define STORM 2000
#else
#define STORM 20000
#endif

static const struct process_events_config all = {.read_args = 1};
static struct process_events *pe;

static void start(void)
{
	ck_assert_int_eq(process_events_start(&pe, &all), 0);
}

static void stop(void)
{
	process_events_stop(pe);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
}

static pid_t fork_and_end(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_gt(pid, 0);
	reap(pid);
	return pid;
}

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

struct wanted {
	uint32_t pid;
	uint8_t what;
	struct pevent e;
	char text[EXEC_TEXT_MAX];
	unsigned found;
};

static int look(void *ctx, const struct pevent *e)
{
	struct wanted *w = ctx;

	if (e->what != w->what || e->pid != w->pid)
		return 0;
	w->e = *e;
	if (e->exec.text_len > 0)
		memcpy(w->text, e->text, e->exec.text_len);
	w->e.text = w->text;
	w->found++;
	return 0;
}

static void take(struct wanted *w)
{
	ck_assert_int_eq(process_events_take(pe, 1, look, w), 0);
}

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

/* A program that goes on until in is closed, with these bytes among its arguments. */
static pid_t run(const char *third, const char *fourth, int in)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(in, 0);
		if (chdir("/usr/lib") == 0)
			execl("/bin/cat", "cat", "-", third, fourth, NULL);
		_exit(127);
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

static void wait_for_cat(pid_t pid)
{
	struct proc_stat s = {0};

	while (strcmp(s.comm, "cat") != 0 && procfs_stat(pid, &s) == 0)
		usleep(1000);
}

static const char *behind(const char *text)
{
	return text + strlen(text) + 1;
}

START_TEST(texts)
{
	static char longer[6000];
	struct wanted w = {.what = PEVENT_EXEC};
	const char *args;
	struct proc_stat s;
	int in[2];
	pid_t pid;

	memset(longer, 'x', sizeof(longer) - 1);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	pid = run("\033[2J\xff \n", "", in[0]);
	wait_for_cat(pid);
	w.pid = (uint32_t)pid;
	take(&w);
	ck_assert_uint_eq(w.found, 1);
	ck_assert_int_eq(procfs_stat(pid, &s), 0);
	ck_assert_uint_eq(w.e.exec.have & ~EXEC_TTY, EXEC_EXE | EXEC_CWD | EXEC_ARGS);
	ck_assert_uint_eq(w.e.start_ticks, s.start_ticks);
	ck_assert_uint_eq(w.e.sid, (uint32_t)getsid(0));
	ck_assert_uint_eq(w.e.have_ids, 1);
	ck_assert_uint_eq(w.e.exec.euid, geteuid());
	ck_assert_uint_eq(w.e.exec.pid, w.pid);
	ck_assert_str_eq(w.e.comm, "cat");
	ck_assert_ptr_nonnull(strstr(w.text, "/cat"));
	ck_assert_str_eq(behind(w.text), "/usr/lib");
	args = behind(behind(w.text));
	ck_assert_uint_eq(w.e.exec.text_len, (uint32_t)(args - w.text) + 15);
	ck_assert_int_eq(memcmp(args, "cat\0-\0\033[2J\xff \n\0", 15), 0);
	kill(pid, SIGKILL);
	reap(pid);

	pid = run(longer, NULL, in[0]);
	wait_for_cat(pid);
	w.pid = (uint32_t)pid;
	take(&w);
	ck_assert_uint_eq(w.found, 2);
	ck_assert_uint_eq(w.e.exec.text_len, EXEC_TEXT_MAX);
	ck_assert_uint_ne(w.e.exec.have & EXEC_ARGS_CUT, 0);
	ck_assert_int_eq(w.text[EXEC_TEXT_MAX - 1], 0);
	ck_assert_int_eq(w.text[EXEC_TEXT_MAX - 2], 'x');
	kill(pid, SIGKILL);
	reap(pid);
}
END_TEST

static void set_session(void)
{
	_exit(setsid() < 0);
}

static void set_name(void)
{
	_exit(prctl(PR_SET_NAME, "\033]0;x\a") < 0);
}

static void set_ids(void)
{
	_exit(setresuid(1, 2, 3) < 0);
}

static struct wanted change(uint8_t what, void (*by)(void))
{
	struct wanted w = {.what = what};
	pid_t pid = fork();

	if (pid == 0)
		by();
	ck_assert_int_gt(pid, 0);
	reap(pid);
	w.pid = (uint32_t)pid;
	take(&w);
	ck_assert_uint_eq(w.found, 1);
	return w;
}

START_TEST(changes)
{
	struct wanted w = change(PEVENT_SID, set_session);

	ck_assert_uint_eq(w.e.sid, w.pid);
	w = change(PEVENT_COMM, set_name);
	ck_assert_str_eq(w.e.comm, "\033]0;x\a");
	if (geteuid() != 0)
		return;
	w = change(PEVENT_UID, set_ids);
	ck_assert_uint_eq(w.e.uid, 1);
	ck_assert_uint_eq(w.e.euid, 2);
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

/* A reader of its own, without a thread: nothing is read unless the test says so. */
static struct process_events *still(size_t buffer)
{
	struct process_events *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->answer, NULL);
	event_queue_init(&s->queue, 64 << 20);
	TAILQ_INIT(&s->mine);
	s->wake = s->tell = -1;
	s->sock = events_socket(buffer);
	ck_assert_int_ge(s->sock, 0);
	return s;
}

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
	const TTest *const tests[] = {storm, start_ticks, texts, changes, goes_on, broken, status};
	TCase *tc = tcase_create("process_events_live");
	size_t i;
	int r;

	r = process_events_start(&pe, &all);
	if (r != 0) {
		printf("1..0 # SKIP no process events here: %s\n", process_events_why(r));
		return 0;
	}
	process_events_stop(pe);
	tcase_add_checked_fixture(tc, start, stop);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_test(tc, loss);
	tcase_add_test(tc, loss_forgets);
	return suite_run_case("process_events_live", tc);
}
