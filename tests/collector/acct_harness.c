/* SPDX-License-Identifier: ISC */
#include "acct_harness.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "process_record.h"
#include "procfs.h"

const char *store;
int store_fd;

static void fail(const char *what)
{
	printf("# failed: %s\n", what);
	fflush(stdout);
	exit(1);
}

void want(int truth, const char *what)
{
	if (!truth)
		fail(what);
}

struct accounting *begin(uint64_t rotate_bytes)
{
	return begin_with((struct accounting_config){ .rotate_bytes = rotate_bytes });
}

struct accounting *begin_with(struct accounting_config cfg)
{
	struct accounting *a = NULL;

	cfg.store_fd = store_fd;
	cfg.own = 1;
	cfg.rotate_bytes = cfg.rotate_bytes != 0 ? cfg.rotate_bytes : 1 << 20;
	want(accounting_new(&a, &cfg) == 0, "accounting_new");
	return a;
}

struct accounting *begin_quickly(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .canary_ms = CANARY_MS,
		.retake_ms = RETAKE_MS });

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	add_self(a, OWN_N);
	return a;
}

double until(struct accounting *a, const char *state)
{
	struct timespec t0, t1;
	double took = 0;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	while (!state_is(a, state)) {
		turn(a, 50);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		took = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
		want(took < 60, state);
	}
	return took;
}

int troubled(const struct accounting *a)
{
	const char *reason;

	return accounting_trouble(a, &reason) != 0;
}

void until_well(struct accounting *a)
{
	for (int i = 0; troubled(a); i++) {
		want(i < 1200, "all is well again");
		turn(a, 50);
	}
}

const char *others_file(int *fd)
{
	static char other[4096];

	snprintf(other, sizeof(other), "%s/other", store);
	*fd = open(other, O_WRONLY | O_CREAT, 0600);
	want(*fd >= 0, "the other's file");
	return other;
}

void add_self(struct accounting *a, uint64_t n)
{
	struct proc_stat s;

	want(procfs_stat(getpid(), &s) == 0, "stat of self");
	want(accounting_add_keeper(a, n, getpid(), s.start_ticks, 0) == 0, "add_keeper");
}

int state_is(const struct accounting *a, const char *state)
{
	json_t *s = accounting_status(a);
	int is = strcmp(json_string_value(json_object_get(s, "state")), state) == 0;

	json_decref(s);
	return is;
}

long counter(const struct accounting *a, const char *key)
{
	json_t *s = accounting_status(a);
	long v = (long)json_integer_value(json_object_get(s, key));

	json_decref(s);
	return v;
}

void show(const struct accounting *a)
{
	json_t *s = accounting_status(a);
	char *text = json_dumps(s, JSON_COMPACT);

	printf("# %s\n", text);
	fflush(stdout);
	free(text);
	json_decref(s);
}

void turn(struct accounting *a, int at_most_ms)
{
	struct pollfd p = { .fd = accounting_fd(a), .events = POLLIN };
	int ms = accounting_timeout_ms(a);

	if (ms < 0 || ms > at_most_ms)
		ms = at_most_ms;
	poll(&p, 1, ms);
	accounting_turn(a);
}

void spawn(unsigned first, unsigned count)
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

#define SEGMENTS_MAX 20000

struct found {
	unsigned *times; /* of each p<i> */
	unsigned max;
	unsigned in_session, other, markers;
	unsigned losses[3]; /* by state */
};

static void tally(struct found *f, const uint8_t *p)
{
	struct process_record r;
	struct acct_record a;
	unsigned i;

	want(process_record_parse(p, &r) == 0, "a record parses");
	if (r.kind == PROCESS_LOSS) {
		struct process_loss l;

		want(process_loss_parse(r.body, &l) == 0 && l.source == LOSS_ACCT, "a loss parses");
		f->losses[l.state]++;
	}
	if (r.kind != PROCESS_ACCT)
		return;
	want(acct_record_parse(r.body, &a) == 0, "the kernel's record parses");
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

	for (unsigned k = 1; k < SEGMENTS_MAX; k++) {
		snprintf(name, sizeof(name), "process/%08u.shlp", k);
		if (io_read_file(store_fd, name, 1u << 30, &data, &len) != 0)
			continue;
		for (size_t at = PROCESS_HEADER; at + PROCESS_SIZE <= len; at += PROCESS_SIZE)
			tally(f, data + at);
		free(data);
	}
}

void check_store(unsigned count, int session)
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

void check_gaps(unsigned begun, unsigned ended)
{
	struct found f = { .max = 0 };

	read_store(&f);
	printf("# gaps: %u began, %u ended\n", f.losses[1], f.losses[2]);
	want(f.losses[1] == begun && f.losses[2] == ended, "gaps are in the records");
}

unsigned segments(void)
{
	unsigned n = 0;
	char name[64];

	for (unsigned k = 1; k < SEGMENTS_MAX; k++) {
		snprintf(name, sizeof(name), "process/%08u.shlp", k);
		n += faccessat(store_fd, name, F_OK, 0) == 0;
	}
	return n;
}

unsigned kernel_files(void)
{
	unsigned n = 0;
	char name[64];

	for (unsigned k = 1; k < SEGMENTS_MAX; k++) {
		snprintf(name, sizeof(name), "process/kernel-%08u.acct", k);
		n += faccessat(store_fd, name, F_OK, 0) == 0;
	}
	return n;
}

void finish(struct accounting *a, int ours)
{
	int r = accounting_stop(a);

	show(a);
	want(r == ours, "stop says whether it was ours");
	accounting_free(a);
}
