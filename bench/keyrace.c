/* SPDX-License-Identifier: ISC */
/*
 * keyrace [-e DIR] KEYS GAP_US < SESSIONS - key to echo latency of several
 * wrappers at once; with -e from Enter to the program that has read the line.
 *
 * A line of SESSIONS is "NAME<tab>COMMAND". Every command gets its own terminal
 * and stays open; it prints READY and then echoes. Every key is typed into every
 * session, in random order, one session at a time, so that what disturbs the
 * machine disturbs all alike.  With -e it is "gen lines DIR/NAME" that runs in a
 * session, where a FIFO of that name is. The first session is the base (bare), the second
 * the proxy that records nothing.
 *
 * Prints a line a session, NAME<tab> and KEY=VALUE words in microseconds: p50 and
 * p90, then with d the difference to the base and with n to the proxy, key by key.
 */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX 32
#define KEYS_MAX 10000
#define LOST_MAX 3

static struct {
	char *name, *command;
	int master, lost, stamps;
	pid_t pid;
	double lat[KEYS_MAX];
} session[MAX];
static int sessions;
static const char *stamp_dir;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* reads until the string came by; 0 after 10 s without it */
static int await(int master, const char *what)
{
	char buf[8192];
	size_t have = 0, len = strlen(what);
	struct pollfd p = {.fd = master, .events = POLLIN};

	while (poll(&p, 1, 10000) > 0) {
		ssize_t n = read(master, buf + have, sizeof buf - have);
		if (n <= 0)
			return 0;
		have += (size_t)n;
		if (memmem(buf, have, what, len))
			return 1;
		if (have > sizeof buf / 2) {
			memmove(buf, buf + have - len, len);
			have = len;
		}
	}
	return 0;
}

static void read_sessions(int keys)
{
	char *line = NULL, *tab;
	size_t cap = 0;

	while (sessions < MAX && getline(&line, &cap, stdin) > 0) {
		line[strcspn(line, "\n")] = 0;
		tab = strchr(line, '\t');
		if (tab == NULL)
			continue;
		*tab = 0;
		session[sessions].name = strdup(line);
		if (asprintf(&session[sessions].command, "exec %s", tab + 1) < 0)
			exit(2);
		session[sessions].lost = 0;
		memset(session[sessions].lat, 0, (size_t)keys * sizeof(double));
		sessions++;
	}
	free(line);
}

static void open_session(int i)
{
	struct winsize ws = {.ws_row = 50, .ws_col = 132};
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", stamp_dir ? stamp_dir : "", session[i].name);
	session[i].stamps = stamp_dir ? open(path, O_RDWR | O_CLOEXEC) : -1;
	session[i].pid = forkpty(&session[i].master, NULL, NULL, &ws);
	if (session[i].pid == 0) {
		execl("/bin/bash", "bash", "-c", session[i].command, (char *)NULL);
		_exit(127);
	}
	fcntl(session[i].master, F_SETFD, FD_CLOEXEC);
	if (await(session[i].master, "READY"))
		return;
	fprintf(stderr, "keyrace: %s does not get ready\n", session[i].name);
	session[i].lost = LOST_MAX + 1;
}

/* Enter; the stamp says when the line had reached the program.  The echo that is
 * still under way is taken out. */
static void press_enter(int i, int key)
{
	struct pollfd p = {.fd = session[i].stamps, .events = POLLIN};
	double began = now_us();
	uint64_t ns;

	if (write(session[i].master, "\r", 1) == 1 && poll(&p, 1, 10000) == 1 &&
	    read(session[i].stamps, &ns, sizeof ns) == sizeof ns && await(session[i].master, "\n"))
		session[i].lat[key] = (double)ns / 1e3 - began;
	else
		session[i].lost++;
}

static void press(int i, int key)
{
	char c[2] = {(char)('a' + key % 25), 0};
	double began = now_us();

	if (write(session[i].master, c, 1) == 1 && await(session[i].master, c))
		session[i].lat[key] = now_us() - began;
	else
		session[i].lost++;
}

static void press_all(int key, int gap_us)
{
	int order[MAX];

	for (int i = 0; i < sessions; i++)
		order[i] = i;
	for (int i = sessions - 1; i > 0; i--) {
		int j = (int)(random() % (i + 1)), t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	for (int i = 0; i < sessions; i++) {
		if (session[order[i]].lost > LOST_MAX)
			continue;
		usleep((useconds_t)gap_us);
		if (stamp_dir)
			press_enter(order[i], key);
		else
			press(order[i], key);
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* base < 0: the latencies themselves */
static void print_quantiles(const char *prefix, int i, int base, int keys)
{
	static double diff[KEYS_MAX];
	int n = 0;

	for (int k = 0; k < keys; k++) {
		double b = base < 0 ? 0 : session[base].lat[k];
		if (session[i].lat[k] > 0 && (base < 0 || b > 0))
			diff[n++] = session[i].lat[k] - b;
	}
	qsort(diff, (size_t)n, sizeof *diff, ascending);
	if (n > 0)
		printf("%sp50=%.1f %sp90=%.1f ", prefix, diff[n / 2], prefix, diff[n * 9 / 10]);
}

static void close_session(int i)
{
	close(session[i].master);
	for (int j = 0; j < 200 && waitpid(session[i].pid, NULL, WNOHANG) == 0; j++)
		usleep(5000);
	kill(session[i].pid, SIGHUP);
}

int main(int argc, char **argv)
{
	int keys, gap_us;

	if (argc > 2 && !strcmp(argv[1], "-e")) {
		stamp_dir = argv[2];
		argc -= 2;
		argv += 2;
	}
	keys = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
	gap_us = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 500;
	if (keys < 1 || keys > KEYS_MAX)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	read_sessions(keys);
	for (int i = 0; i < sessions; i++)
		open_session(i);
	usleep(300000);
	srandom(1);
	for (int k = 0; k < keys; k++)
		press_all(k, gap_us);
	for (int i = 0; i < sessions; i++) {
		if (write(session[i].master, "\n\004", 2) != 2)
			perror(session[i].name);
	}
	usleep(200000);
	for (int i = 0; i < sessions; i++) {
		printf("%s\t", session[i].name);
		print_quantiles("", i, -1, keys);
		print_quantiles("d", i, 0, keys);
		print_quantiles("n", i, 1, keys);
		printf("lost=%d\n", session[i].lost);
		close_session(i);
	}
	return 0;
}
