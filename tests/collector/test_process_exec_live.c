/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "events_fixture.h"
#include "procfs.h"

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

struct chain {
	uint32_t pid;
	unsigned execs;
	struct process_exec exec[3];
	char comm[3][ACCT_COMM];
};

static int see_exec(void *ctx, const struct pevent *e)
{
	struct chain *c = ctx;

	if (e->what != PEVENT_EXEC || e->pid != c->pid || c->execs == 3)
		return 0;
	memcpy(c->comm[c->execs], e->comm, ACCT_COMM);
	c->exec[c->execs++] = e->exec;
	return 0;
}

/* What is read for an exec after the process did the next one is that one's. */
START_TEST(exec_after_exec)
{
	struct process_events *s = still(0);
	struct chain c = {0};
	int in[2];
	pid_t pid;

	s->read_args = 1;
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		execl("/bin/sh", "sh", "-c", "exec cat", NULL);
		_exit(127);
	}
	ck_assert_int_gt(pid, 0);
	wait_for_cat(pid);
	ck_assert_int_eq(events_drain(s), 0);
	kill(pid, SIGKILL);
	reap(pid);
	c.pid = (uint32_t)pid;
	ck_assert_int_eq(process_events_take(s, 0, see_exec, &c), 0);
	ck_assert_uint_eq(c.execs, 2);
	ck_assert_uint_eq(c.exec[0].have & (EXEC_EXE | EXEC_CWD | EXEC_ARGS), 0);
	ck_assert_uint_eq(c.exec[0].text_len, 0);
	ck_assert_str_eq(c.comm[0], "");
	ck_assert_str_eq(c.comm[1], "cat");
	process_events_stop(s);
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

int main(void)
{
	const TTest *const tests[] = {texts, exec_after_exec, changes};

	return events_suite("process_exec_live", tests, sizeof(tests) / sizeof(tests[0]));
}
