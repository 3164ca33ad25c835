/* SPDX-License-Identifier: ISC */
/*
 * scaledrive COUNT SECONDS SEED CMD [ARG...] - so many users, each at a terminal with
 * CMD ARG... I on it, whose program is in the end bench/scaleact.
 *
 * Prints "up SECONDS" when all programs are there, and begins when it gets a line; "still" after
 * SECONDS of what scaleuser.c says, and lets them leave when it gets the next; then for each
 *   user I KIND n TYPED SHOWN PROCS STATUS DIGEST
 * with bytes typed and shown, the status of waitpid(2) and BLAKE2b-256 of what was shown,
 * and "enter COUNT P50 P99 MAX", in microseconds from Enter to its answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scaledrive.h"

#define AT_ONCE 16      /* logins under way */
#define PATIENCE_S 180  /* that nobody takes longer to log in, or to leave */
#define TICK_MS 5

static struct {
	struct user *users;
	int count, up, gone, acting;
	int epfd, tick;
	struct times times;
	char **command;         /* its last argument is the user's number */
	char *number;
} all;

static void fail(const char *what)
{
	fprintf(stderr, "scaledrive: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void log_in(struct user *u, int i)
{
	struct winsize ws = {.ws_row = 24, .ws_col = 80};
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = (uint32_t)i};

	hash_begin(&u->shown);
	u->kind = kind_of(i);
	u->status = -1;
	snprintf(all.number, 16, "%d", i);
	u->pid = forkpty(&u->master, NULL, NULL, &ws);
	if (u->pid < 0)
		fail("forkpty");
	if (u->pid == 0) {
		execvp(all.command[0], all.command);
		_exit(127);
	}
	fcntl(u->master, F_SETFD, FD_CLOEXEC);
	fcntl(u->master, F_SETFL, O_NONBLOCK);
	if (epoll_ctl(all.epfd, EPOLL_CTL_ADD, u->master, &ev) != 0)
		fail("epoll_ctl");
}

static void hung_up(struct user *u)
{
	close(u->master);
	u->master = -1;
	if (waitpid(u->pid, &u->status, 0) < 0)
		fail("waitpid");
	all.gone++;
}

static void read_terminal(struct user *u)
{
	static char buf[65536];
	int was_up = u->up;
	ssize_t n;

	n = read(u->master, buf, sizeof(buf));
	if (n > 0)
		user_sees(u, buf, (size_t)n, all.acting ? &all.times : NULL);
	else if (n == 0 || errno == EIO)
		hung_up(u);
	else if (errno != EAGAIN && errno != EINTR)
		fail("read");
	all.up += u->up - was_up;
}

static void act(void)
{
	uint64_t now = now_ns(), ticks;
	int i;

	if (read(all.tick, &ticks, sizeof(ticks)) < 0)
		return;
	for (i = 0; all.acting && i < all.count; i++) {
		if (all.users[i].next_ns <= now && all.users[i].master >= 0)
			user_act(&all.users[i], now);
	}
}

/* Waits for what comes and takes it. */
static void turn(void)
{
	struct epoll_event ev[64];
	int i, n = epoll_wait(all.epfd, ev, 64, 1000);

	for (i = 0; i < n; i++) {
		if (ev[i].data.u32 == UINT32_MAX)
			act();
		else if (all.users[ev[i].data.u32].master >= 0)
			read_terminal(&all.users[ev[i].data.u32]);
	}
}

static void all_log_in(void)
{
	uint64_t from = now_ns();
	int begun = 0;

	while (all.up < all.count) {
		while (begun < all.count && begun < all.up + AT_ONCE) {
			log_in(&all.users[begun], begun);
			begun++;
		}
		turn();
		if (all.gone > 0 || now_ns() - from > PATIENCE_S * 1000 * MS) {
			fprintf(stderr, "scaledrive: %d of %d are up, %d went\n", all.up, begun, all.gone);
			exit(1);
		}
	}
	printf("up %.3f\n", (double)(now_ns() - from) / 1e9);
	fflush(stdout);
}

static void wait_for_line(void)
{
	char c;

	while (read(0, &c, 1) == 1 && c != '\n')
		;
}

/* Everybody begins somewhere in the first ten seconds. */
static void all_act(long seconds)
{
	uint64_t from = now_ns(), end = from + (uint64_t)seconds * 1000 * MS;
	int i;

	all.acting = 1;
	for (i = 0; i < all.count; i++)
		all.users[i].next_ns = from + chance(10000) * MS;
	while (now_ns() < end)
		turn();
	all.acting = 0;
}

/* What is being done is ended first, and lines that were begun. */
static void settle(void)
{
	uint64_t end = now_ns() + PATIENCE_S * 1000 * MS;
	int i, busy = 1;

	while (busy && now_ns() < end) {
		for (i = busy = 0; i < all.count; i++) {
			struct user *u = &all.users[i];

			if (u->len > 0)
				user_act(u, 0);
			busy |= u->len > 0 || u->busy;
		}
		turn();
	}
	printf("still\n");
	fflush(stdout);
}

static void all_leave(void)
{
	uint64_t end = now_ns() + PATIENCE_S * 1000 * MS;
	int i;

	for (i = 0; i < all.count; i++)
		user_leave(&all.users[i]);
	while (all.gone < all.count && now_ns() < end)
		turn();
}

static int later(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void report(void)
{
	char hex[2 * HASH_SIZE + 1];
	uint8_t digest[HASH_SIZE];
	const struct times *t = &all.times;
	int i;

	for (i = 0; i < all.count; i++) {
		const struct user *u = &all.users[i];

		hash_get(&u->shown, digest);
		sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
		printf("user %d %s %ld %llu %llu %llu %d %s\n", i, kind_name[u->kind], u->number,
		    (unsigned long long)u->typed, (unsigned long long)u->bytes,
		    (unsigned long long)u->procs, u->status, hex);
	}
	if (t->count == 0)
		return;
	qsort(t->ns, t->count, sizeof(*t->ns), later);
	printf("enter %zu %llu %llu %llu\n", t->count, (unsigned long long)t->ns[t->count / 2] / 1000,
	    (unsigned long long)t->ns[t->count * 99 / 100] / 1000,
	    (unsigned long long)t->ns[t->count - 1] / 1000);
}

static void prepare(int argc, char **argv)
{
	struct itimerspec tick = {.it_interval.tv_nsec = TICK_MS * (long)MS, .it_value.tv_nsec = 1};
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all.count = atoi(argv[1]);
	all.users = calloc((size_t)all.count, sizeof(*all.users));
	all.command = calloc((size_t)argc - 2, sizeof(*all.command));
	all.number = calloc(1, 16);
	all.epfd = epoll_create1(EPOLL_CLOEXEC);
	all.tick = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (all.users == NULL || all.command == NULL || all.number == NULL || all.epfd < 0 ||
	    all.tick < 0)
		fail("start");
	memcpy(all.command, argv + 4, (size_t)(argc - 4) * sizeof(*argv));
	all.command[argc - 4] = all.number;
	timerfd_settime(all.tick, 0, &tick, NULL);
	epoll_ctl(all.epfd, EPOLL_CTL_ADD, all.tick, &ev);
	chance_seed((uint64_t)atoll(argv[3]));
}

int main(int argc, char **argv)
{
	if (argc < 5 || sodium_init() < 0) {
		fprintf(stderr, "usage: scaledrive COUNT SECONDS SEED CMD [ARG...]\n");
		return 2;
	}
	prepare(argc, argv);
	all_log_in();
	wait_for_line();
	all_act(atol(argv[2]));
	settle();
	wait_for_line();
	all_leave();
	report();
	return all.gone == all.count ? 0 : 1;
}
