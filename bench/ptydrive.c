/* SPDX-License-Identifier: ISC */
/*
 * ptydrive [options] -- CMD [ARG...] - runs a command on a fresh pseudo terminal
 * whose master this program drains, and says what it cost.
 *
 * The command leads a session on the slave, its controlling terminal, in the
 * usual cooked mode. One line of KEY=VALUE words comes out:
 *
 *   wall   seconds from fork to "master drained and the command reaped"
 *   bytes  that came out of the master
 *   wcpu   user+sys seconds of everything reaped under CMD, less what the
 *          workload itself used (it says so through -g FILE)
 *   scpu   likewise of the process -P PID, a collector beside it
 *   rss    largest resident set (KiB) of one process under CMD
 *   rc     exit status
 *
 * -O FILE keeps what the terminal showed; -K MS kills CMD itself after MS; -T S gives
 * up after S seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S 120 /* unless -T says otherwise */
#define REAP_MS 10000 /* a recorder waits for its collector, which has others */

static struct {
	const char *usage_file;
	pid_t watch;
	int out_fd;
	int kill_ms;
	long timeout_s;
	char **command;
} opt = {.out_fd = -1, .timeout_s = TIMEOUT_S};

static pid_t child;
static volatile sig_atomic_t expired;

static double seconds(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of_pid(pid_t pid)
{
	clockid_t clock;

	return pid > 0 && clock_getcpuclockid(pid, &clock) == 0 ? seconds(clock) : 0;
}

static double cpu_of_children(void)
{
	struct rusage ru;

	getrusage(RUSAGE_CHILDREN, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

/* what the workload said of itself */
static double cpu_of_workload(void)
{
	double user = 0, sys = 0;
	FILE *f = opt.usage_file ? fopen(opt.usage_file, "r") : NULL;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lf %lf", &user, &sys) != 2)
		user = sys = 0;
	fclose(f);
	return user + sys;
}

static void on_alarm(int signo)
{
	(void)signo;
	if (opt.kill_ms == 0) {
		expired = 1;
		return;
	}
	opt.kill_ms = 0;
	kill(child, SIGKILL);
	alarm(1);
}

static void set_alarm(void)
{
	struct sigaction sa = {.sa_handler = on_alarm};
	struct itimerval it = {.it_value = {.tv_sec = opt.timeout_s}};

	sigaction(SIGALRM, &sa, NULL);
	if (opt.kill_ms > 0)
		it.it_value = (struct timeval){opt.kill_ms / 1000, opt.kill_ms % 1000 * 1000};
	setitimer(ITIMER_REAL, &it, NULL);
}

static pid_t start(int *master)
{
	struct winsize ws = {.ws_row = 50, .ws_col = 132};
	pid_t pid = forkpty(master, NULL, NULL, &ws);

	if (pid == 0) {
		execvp(opt.command[0], opt.command);
		perror(opt.command[0]);
		_exit(127);
	}
	fcntl(*master, F_SETFD, FD_CLOEXEC);
	return pid;
}

/* reads until the last slave is closed; returns the bytes */
static unsigned long long drain(int master)
{
	static char buf[65536];
	unsigned long long total = 0;

	while (!expired) {
		ssize_t n = read(master, buf, sizeof buf);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		total += (unsigned long long)n;
		if (opt.out_fd >= 0 && write(opt.out_fd, buf, (size_t)n) != n)
			perror("ptydrive: -O");
	}
	return total;
}

static int reap(void)
{
	int status = 0;

	if (expired) {
		kill(-child, SIGKILL);
		kill(child, SIGKILL);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* what the command left behind came to us, with the time of all that it reaped */
static void reap_orphans(void)
{
	pid_t pid;

	for (int i = 0; i < REAP_MS && (pid = waitpid(-1, NULL, WNOHANG)) >= 0; i++)
		if (pid == 0)
			usleep(1000);
}

static int usage(void)
{
	fputs("usage: ptydrive [-O FILE] [-g FILE] [-P PID] [-K MS] [-T S] -- CMD [ARG...]\n", stderr);
	return 2;
}

static int options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+O:g:P:K:T:")) != -1) {
		switch (c) {
		case 'O':
			opt.out_fd = open(optarg, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
			break;
		case 'g':
			opt.usage_file = optarg;
			unlink(optarg);
			break;
		case 'P':
			opt.watch = (pid_t)strtol(optarg, NULL, 10);
			break;
		case 'K':
			opt.kill_ms = (int)strtol(optarg, NULL, 10);
			break;
		case 'T':
			opt.timeout_s = strtol(optarg, NULL, 10);
			break;
		default:
			return -1;
		}
	}
	opt.command = argv + optind;
	return optind < argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	double began, ended, watched;
	unsigned long long bytes;
	struct rusage ru;
	int master, status;

	if (options(argc, argv) < 0)
		return usage();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	watched = cpu_of_pid(opt.watch);
	began = seconds(CLOCK_MONOTONIC);
	child = start(&master);
	if (child < 0) {
		perror("ptydrive: forkpty");
		return 2;
	}
	set_alarm();
	bytes = drain(master);
	close(master);
	status = reap();
	ended = seconds(CLOCK_MONOTONIC);
	reap_orphans();
	getrusage(RUSAGE_CHILDREN, &ru);
	printf("wall=%.6f bytes=%llu wcpu=%.6f scpu=%.6f rss=%ld rc=%d\n", ended - began, bytes,
	    cpu_of_children() - cpu_of_workload(), cpu_of_pid(opt.watch) - watched, ru.ru_maxrss,
	    expired ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
