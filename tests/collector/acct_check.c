/* SPDX-License-Identifier: ISC */
/*
 * Process accounting for real, below accounting.h, for 20-accounting.t: as root, in
 * a pid namespace of its own (unshare -pf --mount-proc).
 *
 *   acct_check STORE SCENARIO
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../collector/accounting.h"
#include "bytes.h"
#include "io.h"
#include "log.h"
#include "process_record.h"
#include "procfs.h"

#define OWN_N 7 /* the session whose keeper this program plays */

static const char *store;
static int store_fd;

static void fail(const char *what)
{
	printf("# failed: %s\n", what);
	fflush(stdout);
	exit(1);
}

static void want(int truth, const char *what)
{
	if (!truth)
		fail(what);
}

static struct accounting *begin(uint64_t rotate_bytes)
{
	struct accounting_config cfg = { .store_fd = store_fd, .store = store,
		.rotate_bytes = rotate_bytes, .own = 1 };
	struct accounting *a = NULL;

	want(accounting_new(&a, &cfg) == 0, "accounting_new");
	return a;
}

static void add_self(struct accounting *a, uint64_t n)
{
	struct proc_stat s;

	want(procfs_stat(getpid(), &s) == 0, "stat of self");
	want(accounting_add_keeper(a, n, getpid(), s.start_ticks, 0) == 0, "add_keeper");
}

static int state_is(const struct accounting *a, const char *state)
{
	json_t *s = accounting_status(a);
	int is = strcmp(json_string_value(json_object_get(s, "state")), state) == 0;

	json_decref(s);
	return is;
}

static long counter(const struct accounting *a, const char *key)
{
	json_t *s = accounting_status(a);
	long v = (long)json_integer_value(json_object_get(s, key));

	json_decref(s);
	return v;
}

static void show(const struct accounting *a)
{
	json_t *s = accounting_status(a);
	char *text = json_dumps(s, JSON_COMPACT);

	printf("# %s\n", text);
	fflush(stdout);
	free(text);
	json_decref(s);
}

/* One turn of an event loop. */
static void turn(struct accounting *a, int at_most_ms)
{
	struct pollfd p = { .fd = accounting_fd(a), .events = POLLIN };
	int ms = accounting_timeout_ms(a);

	if (ms < 0 || ms > at_most_ms)
		ms = at_most_ms;
	poll(&p, 1, ms);
	accounting_turn(a);
}

/* Runs count processes that end at once, each with its number as exit status: its
 * low byte in the record, and the whole in the name. */
static void spawn(unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			char name[16];

			snprintf(name, sizeof(name), "p%u", i);
			prctl(PR_SET_NAME, name);
			_exit((int)(i & 0x7f));
		}
		waitpid(pid, NULL, 0);
	}
}

struct found {
	unsigned *times; /* of each p<i> */
	unsigned max;
	unsigned in_session, other, markers;
};

static void tally(struct found *f, const uint8_t *p)
{
	struct process_record r;
	struct acct_record a;
	unsigned i;

	want(process_record_parse(p, &r) == 0 && acct_record_parse(r.raw, &a) == 0, "a record parses");
	if (acct_record_is_marker(&a))
		f->markers++;
	if (sscanf(a.comm, "p%u", &i) != 1 || i >= f->max) {
		f->other++;
		return;
	}
	f->times[i]++;
	f->in_session += r.session == OWN_N &&
	    (r.reason == REASON_ANCESTRY || r.reason == REASON_ANCESTRY_LIVE);
}

static void read_store(struct found *f)
{
	char name[64];
	uint8_t *data;
	size_t len;

	for (unsigned k = 1; k < 100; k++) {
		snprintf(name, sizeof(name), "process/%08u.shlp", k);
		if (io_read_file(store_fd, name, 1u << 30, &data, &len) != 0)
			continue;
		for (size_t at = PROCESS_HEADER; at + PROCESS_SIZE <= len; at += PROCESS_SIZE)
			tally(f, data + at);
		free(data);
	}
}

/* Each of p0 to p<count-1> once, in the session; nothing of the kernel's own. */
static void check_store(unsigned count, int session)
{
	struct found f = { .max = count };
	unsigned lost = 0, doubled = 0;

	f.times = calloc(count, sizeof(*f.times));
	read_store(&f);
	for (unsigned i = 0; i < count; i++) {
		lost += f.times[i] == 0;
		doubled += f.times[i] > 1;
	}
	printf("# %u processes: %u lost, %u doubled, %u in the session, %u others, %u markers\n",
	    count, lost, doubled, f.in_session, f.other, f.markers);
	want(lost == 0, "no record is lost");
	want(doubled == 0, "no record is doubled");
	want(!session || f.in_session == count, "all are in the session");
	want(f.markers == 0, "no marker is stored");
	free(f.times);
}

static unsigned kernel_files(void)
{
	unsigned n = 0;
	char name[64];

	for (unsigned k = 1; k < 2000; k++) {
		snprintf(name, sizeof(name), "process/kernel-%08u.acct", k);
		n += faccessat(store_fd, name, F_OK, 0) == 0;
	}
	return n;
}

static void finish(struct accounting *a, int ours)
{
	int r = accounting_stop(a);

	show(a);
	want(r == ours, "stop says whether it was ours");
	accounting_free(a);
}

/* Rotation under load: records come while files are exchanged. */
static void storm(unsigned count, uint64_t rotate_bytes)
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
static void killed(unsigned rounds)
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
static void tree(void)
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
static void families(unsigned count)
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

/* Two starts in a row without a stop: what was taken over from ourselves is no loss. */
static void second_start(void)
{
	struct accounting *a = begin(1 << 20);

	want(accounting_start(a) == 0, "start");
	spawn(0, 10);
	accounting_drain(a);
	spawn(10, 10);
	accounting_free(a);
	spawn(20, 10);
	a = begin(1 << 20);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && state_is(a, "on"), "second start");
	want(counter(a, "foreign_markers") == 0, "no foreign marker");
	want(kernel_files() == 1, "the old file is gone");
	finish(a, 1);
	check_store(30, 0);
}

/* Another caller of acct(2) is noticed, and what is his stays his. */
static void taken(void)
{
	struct accounting *a = begin(1 << 20);
	struct timespec t0, t1;
	char other[4096];
	struct stat before, after;
	pid_t child;
	int fd;

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	spawn(0, 10);
	snprintf(other, sizeof(other), "%s/other", store);
	fd = open(other, O_WRONLY | O_CREAT, 0600);
	want(fd >= 0, "the other's file");
	clock_gettime(CLOCK_MONOTONIC, &t0);
	if ((child = fork()) == 0)
		_exit(acct(other) == 0 ? 0 : 1);
	waitpid(child, NULL, 0);
	while (!state_is(a, "lost")) {
		turn(a, 50);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		want(t1.tv_sec - t0.tv_sec < 5, "noticed");
	}
	show(a);
	want(counter(a, "foreign_markers") == 1, "one foreign marker");
	want(t1.tv_sec - t0.tv_sec <= 1, "within a second");
	want(fstat(fd, &before) == 0, "stat");
	finish(a, 0);
	spawn(100, 5);
	want(fstat(fd, &after) == 0 && after.st_size >= before.st_size + 5 * 64,
	    "the other's accounting goes on");
	acct(NULL);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(10, 0);
}

/* Turned off with no marker that says so: the canary sees it. */
static void turned_off(void)
{
	struct accounting *a = begin(1 << 20);

	want(accounting_start(a) == 0, "start");
	acct(NULL); /* by our own pid: the marker looks like ours */
	finish(a, 0);
}

static void harmed(const char *how)
{
	struct accounting *a = begin(1 << 20);
	char name[4096];

	want(accounting_start(a) == 0, "start");
	add_self(a, OWN_N);
	spawn(0, 20);
	accounting_drain(a);
	snprintf(name, sizeof(name), "%s/process/kernel-%08u.acct", store, 1u);
	if (strcmp(how, "cut") == 0)
		want(truncate(name, 0) == 0, "truncate");
	else
		want(unlink(name) == 0, "unlink");
	for (int i = 0; i < 40 && !state_is(a, "lost"); i++)
		turn(a, 50);
	show(a);
	want(state_is(a, "lost"), "lost is said");
	spawn(20, 20);
	accounting_drain(a);
	finish(a, 1);
	check_store(40, 1);
}

/* Foreign bytes between records are stepped over. */
static void foreign_bytes(void)
{
	struct accounting *a = begin(1 << 20);
	char name[4096];
	int fd;

	want(accounting_start(a) == 0, "start");
	add_self(a, OWN_N);
	spawn(0, 20);
	snprintf(name, sizeof(name), "%s/process/kernel-%08u.acct", store, 1u);
	fd = open(name, O_WRONLY | O_APPEND);
	want(write(fd, "0123456789", 10) == 10, "write");
	spawn(20, 20);
	accounting_drain(a);
	want(counter(a, "resyncs") == 1 && counter(a, "skipped_bytes") == 10, "one resync");
	finish(a, 1);
	check_store(40, 1);
}

/* Records of an earlier boot are taken in without a look at /proc. */
static void other_boot(void)
{
	struct accounting *a = begin(1 << 20);
	char name[4096];
	uint8_t boot[16] = { 1, 2, 3 };
	int fd;

	want(accounting_start(a) == 0, "start");
	want(counter(a, "segment") == 1, "first segment");
	spawn(0, 20);
	acct(NULL);
	accounting_free(a); /* as a crash: nothing was settled */
	snprintf(name, sizeof(name), "%s/process/00000001.shlp", store);
	fd = open(name, O_WRONLY);
	want(pwrite(fd, boot, sizeof(boot), 8) == sizeof(boot), "another boot");
	close(fd);
	a = begin(1 << 20);
	add_self(a, OWN_N);
	want(accounting_start(a) == 0 && counter(a, "segment") == 2, "second segment");
	want(accounting_commands(a, OWN_N) == 0, "none of them is this boot's");
	finish(a, 1);
	check_store(20, 0);
}

static void not_permitted(void)
{
	struct accounting *a;

	want(chown(store, 65534, 65534) == 0 && setgid(65534) == 0 && setuid(65534) == 0, "setuid");
	a = begin(1 << 20);
	want(accounting_start(a) == -EPERM && state_is(a, "off"), "EPERM");
	want(accounting_fd(a) == -1 && accounting_timeout_ms(a) == -1, "nothing to wait for");
	accounting_turn(a);
	accounting_drain(a);
	add_self(a, OWN_N);
	want(accounting_stop(a) == -ESRCH, "it was not on");
	accounting_free(a);
}

/* What an absent collector left is larger than what is held in memory at once. */
static void backlog(void)
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

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[2] : "";

	if (argc != 3)
		return 2;
	log_open("acct_check", 0, LOG_L_WARN);
	store = argv[1];
	store_fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	want(store_fd >= 0, "open the store");
	/* orphans of the storm's child come to us, as to a keeper */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (strcmp(what, "storm") == 0)
		storm(2000, 65536);
	else if (strcmp(what, "big-storm") == 0)
		storm(20000, 4 << 20);
	else if (strcmp(what, "tree") == 0)
		tree();
	else if (strcmp(what, "families") == 0)
		families(5000);
	else if (strcmp(what, "second-start") == 0)
		second_start();
	else if (strcmp(what, "killed") == 0)
		killed(20);
	else if (strcmp(what, "taken") == 0)
		taken();
	else if (strcmp(what, "turned-off") == 0)
		turned_off();
	else if (strcmp(what, "cut") == 0 || strcmp(what, "removed") == 0)
		harmed(what);
	else if (strcmp(what, "foreign-bytes") == 0)
		foreign_bytes();
	else if (strcmp(what, "other-boot") == 0)
		other_boot();
	else if (strcmp(what, "backlog") == 0)
		backlog();
	else if (strcmp(what, "not-permitted") == 0)
		not_permitted();
	else
		return 2;
	return 0;
}
