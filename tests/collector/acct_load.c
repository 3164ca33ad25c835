/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acct_harness.h"
#include "bytes.h"
#include "io.h"
#include "process_record.h"
#include "procfs.h"

/* Rotation under load: records come while files are exchanged. */
void storm(unsigned count, uint64_t rotate_bytes)
{
	struct accounting *a = begin(rotate_bytes);
	struct timespec t0, t1;
	pid_t child;
	int status;

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	add_self(a, OWN_N);
	if ((child = fork()) == 0) {
		spawn(0, count);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		turn(a, 100);
	accounting_drain(a);
	want(accounting_commands(a, OWN_N) == count + 1, "commands are counted");
	want(rotate_bytes > count * 64 || counter(a, "rotations") >= count * 64 / (long)rotate_bytes / 4,
	    "it rotated");
	want(counter(a, "unmarked") == 0, "each file ended with our marker");
	want(counter(a, "broken") == 0, "no chain is broken");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	finish(a, 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	printf("# cpu of the reader %.3f s\n", (double)t0.tv_sec + (double)t0.tv_nsec / 1e9);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(count, 1);
}

/* Makes processes until the pipe is closed, but at least so many; says how many. */
static void make_until(int stop, int told, unsigned least)
{
	unsigned made;
	char c;

	want(fcntl(stop, F_SETFL, O_NONBLOCK) == 0, "non-blocking");
	for (made = 0; made < least || read(stop, &c, 1) != 0; made++)
		spawn(made, 1);
	want(write(told, &made, sizeof(made)) == sizeof(made), "tell");
	_exit(0);
}

/* At least so many rotations while at least so many processes come and go. */
void rotations(long rotate, unsigned least)
{
	struct accounting *a = begin(1 << 20);
	int stop[2], told[2];
	pid_t child;
	unsigned made;

	want(accounting_start(a) == 0, "start");
	add_self(a, OWN_N);
	want(pipe(stop) == 0 && pipe(told) == 0, "pipes");
	if ((child = fork()) == 0) {
		close(stop[1]);
		make_until(stop[0], told[1], least);
	}
	while (counter(a, "rotations") < rotate)
		accounting_rotate_now(a);
	close(stop[1]);
	while (waitpid(child, NULL, WNOHANG) == 0)
		accounting_rotate_now(a);
	want(read(told[0], &made, sizeof(made)) == sizeof(made), "told");
	accounting_drain(a);
	printf("# %ld rotations\n", counter(a, "rotations"));
	want(counter(a, "unmarked") == 0, "each file ended with our marker");
	want(accounting_commands(a, OWN_N) == made + 1, "commands are counted");
	finish(a, 1);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(made, 1);
}

/* Killed and started again and again; the keeper is this process, which stays. */
static void read_for_ever(pid_t keeper)
{
	struct accounting *a = begin(16384);
	struct proc_stat s;

	want(procfs_stat(keeper, &s) == 0, "stat of the keeper");
	want(accounting_add_keeper(a, OWN_N, keeper, s.start_ticks, 0) == 0, "keeper");
	want(accounting_start(a) == 0, "start again");
	want(io_replace_file(store_fd, "up", 0600, "", 1) == 0, "up");
	for (;;)
		turn(a, 100);
}

/* A start that is killed after up to 20 ms. */
static void killed_at_start(unsigned round)
{
	pid_t reader = fork();

	want(reader >= 0, "fork");
	if (reader == 0)
		read_for_ever(getppid());
	usleep(1000 * round);
	kill(reader, SIGKILL);
	waitpid(reader, NULL, 0);
	unlinkat(store_fd, "up", 0);
}

/* SIGKILL at any point, and also in the middle of a start. */
void killed(unsigned rounds)
{
	struct accounting *a;
	struct accounting *first = begin(16384);
	unsigned next = 0;

	/* on from before the first process that counts */
	want(accounting_start(first) == 0, "first start");
	accounting_free(first);
	srand(20);
	for (unsigned i = 0; i < rounds; i++) {
		unsigned some = 50 + (unsigned)rand() % 500;
		pid_t reader = fork();

		want(reader >= 0, "fork");
		if (reader == 0)
			read_for_ever(getppid());
		/* some before it is there, some while it reads, some while nobody does */
		spawn(next, some);
		next += some;
		while (faccessat(store_fd, "up", F_OK, 0) != 0)
			spawn(next++, 1);
		unlinkat(store_fd, "up", 0);
		spawn(next, some);
		next += some;
		usleep((useconds_t)(rand() % 30000));
		kill(reader, SIGKILL);
		waitpid(reader, NULL, 0);
		killed_at_start(i);
		if (i + 1 < rounds)
			spawn(next, 100);
		next += i + 1 < rounds ? 100 : 0;
	}
	a = begin(16384);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && state_is(a, "on"), "last start");
	finish(a, 1);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(next, 1);
}

static void named(const char *name)
{
	prctl(PR_SET_NAME, name);
}

static pid_t child(void)
{
	pid_t pid = fork();

	want(pid >= 0, "fork");
	return pid;
}

/* A daemon: its parent ends at once, it spawns later. */
static void daemonise(unsigned first, unsigned count)
{
	if (child() == 0) {
		setsid();
		if (child() == 0) {
			named("daemon");
			usleep(100000);
			spawn(first, count);
			_exit(0);
		}
		_exit(0);
	}
}

/* A keeper: subreaper, registered, with a job, daemons, and a nested keeper. */
static void play_keeper(int go_fd, unsigned first)
{
	char c;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	named("keeper");
	if (read(go_fd, &c, 1) != 1)
		_exit(1);
	if (child() == 0) { /* the shell */
		for (unsigned i = 0; i < 5; i++)
			daemonise(first + 10 * i, 10);
		if (child() == 0) { /* nohup: outlives the shell */
			usleep(200000);
			spawn(first + 50, 50);
			_exit(0);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

/* Two sessions side by side with setsid daemons and jobs that outlive their shells,
 * processes beside them, and the keepers' ends. */
void tree(void)
{
	struct accounting *a = begin(16384);
	struct proc_stat s;
	pid_t keeper[2];
	int go[2][2];

	want(accounting_start(a) == 0, "start");
	for (unsigned i = 0; i < 2; i++) {
		want(pipe(go[i]) == 0, "pipe");
		if ((keeper[i] = child()) == 0)
			play_keeper(go[i][0], 100 * i);
		want(procfs_stat(keeper[i], &s) == 0, "stat");
		want(accounting_add_keeper(a, OWN_N + i, keeper[i], s.start_ticks, 0) == 0, "keeper");
	}
	for (unsigned i = 0; i < 2; i++)
		want(write(go[i][1], "g", 1) == 1, "go");
	for (unsigned i = 200; kill(keeper[0], 0) == 0 || kill(keeper[1], 0) == 0; i++) {
		turn(a, 20);
		spawn(i < 300 ? i : 300, 1);
		waitpid(keeper[0], NULL, WNOHANG);
		waitpid(keeper[1], NULL, WNOHANG);
	}
	accounting_drain(a);
	/* 100 counted, shell, 5 daemons and their parents, the job */
	want(accounting_commands(a, OWN_N) == 112, "all of the first session");
	want(accounting_commands(a, OWN_N + 1) == 112, "all of the second session");
	want(counter(a, "broken") == 0, "no chain is broken");
	finish(a, 1);
}

/* Parents that end right behind their children, read as fast as it goes: one that is
 * gone when it is looked up has its record in the file by then. */
void families(unsigned count)
{
	struct accounting *a = begin(1 << 20);
	pid_t maker;
	int status;

	want(accounting_start(a) == 0, "start");
	add_self(a, OWN_N);
	if ((maker = child()) == 0) {
		for (unsigned i = 0; i < count; i++) {
			if (child() == 0) {
				spawn(i, 1);
				_exit(0);
			}
			wait(NULL);
		}
		_exit(0);
	}
	while (waitpid(maker, &status, WNOHANG) == 0)
		accounting_drain(a);
	accounting_drain(a);
	want(counter(a, "broken") == 0, "no chain is broken");
	finish(a, 1);
	check_store(count, 1);
}

/* What an absent collector left is larger than what is held in memory at once. */
void backlog(void)
{
	enum { COUNT = 300000 };
	struct accounting *a = begin(1 << 20);
	uint8_t raw[ACCT_SIZE] = { 0, 3 };
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/process/kernel-%08u.acct", store, 5u);
	f = fopen(path, "w");
	want(f != NULL, "open");
	for (uint32_t i = 0; i < COUNT; i++) {
		/* pairs: a process, then its parent, whose parent is the keeper */
		put_u32(raw + 16, 10000 + i);
		put_u32(raw + 20, i % 2 ? (uint32_t)getpid() : 10000 + i + 1);
		put_u16(raw + 36, 100);
		put_u16(raw + 42, 100);
		snprintf((char *)raw + 48, ACCT_COMM, "p%u", i);
		want(fwrite(raw, sizeof(raw), 1, f) == 1, "write");
	}
	fclose(f);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	want(accounting_commands(a, OWN_N) == COUNT, "all are joined");
	finish(a, 1);
	check_store(COUNT, 1);
}
