/* SPDX-License-Identifier: ISC */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "log.h"

#define SECOND_NS UINT64_C(1000000000)

/* The event as a file that is at its begin, so that nobody waits for who reads it. */
static int make_input(const struct feed_event *e)
{
	int fd = memfd_create("event", MFD_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	if ((r = io_write_all(fd, e->line, e->len)) == 0 && (r = io_write_all(fd, "\n", 1)) == 0 &&
	    lseek(fd, 0, SEEK_SET) != 0)
		r = -errno;
	if (r != 0)
		close(fd);
	return r != 0 ? r : fd;
}

/* Its output is not ours, which answers the dispatcher. */
_Noreturn static void run(const struct command *c, int in)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	if (null >= 0 && dup2(in, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0)
		execv(c->argv[0], c->argv);
	log_error("%s: cannot be run: %s", c->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void say(const struct command *c, const struct feed_event *e, int status, int late)
{
	if (late)
		log_error("%s: killed after %u s, for event %" PRIu64, c->argv[0], c->timeout_s,
		    e->seq);
	else if (WIFSIGNALED(status))
		log_error("%s: killed by signal %d, for event %" PRIu64, c->argv[0],
		    WTERMSIG(status), e->seq);
	else if (WEXITSTATUS(status) != 0)
		log_error("%s: exit status %d, for event %" PRIu64, c->argv[0],
		    WEXITSTATUS(status), e->seq);
}

/* 1: it has ended; 0: its time has passed; -ECANCELED: the feed is over. */
static int wait_for(const struct command *c, struct feed *f, int pidfd)
{
	uint64_t until = clock_mono() + c->timeout_s * SECOND_NS, now;
	struct pollfd fd = {.fd = pidfd, .events = POLLIN};
	int stopped = 0;

	while ((now = clock_mono()) < until) {
		int r = feed_pause(f, &fd, 1, (int)((until - now) / 1000000 + 1));

		if (fd.revents != 0)
			return 1;
		if (stopped || r < 0)
			return -ECANCELED;
		stopped = feed_stopped(f);
	}
	return 0;
}

static int finish(const struct command *c, struct feed *f, const struct feed_event *e, pid_t pid)
{
	int pidfd = pidfd_open(pid, 0), status, r;

	r = pidfd < 0 ? -errno : wait_for(c, f, pidfd);
	if (r <= 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pidfd >= 0)
		close(pidfd);
	if (r >= 0)
		say(c, e, status, r == 0);
	return r < 0 ? r : 0;
}

/* 1 where it may run once more in this minute. */
static int may_run(struct command *c)
{
	uint64_t now = clock_mono();

	if (c->minute_ns == 0 || now - c->minute_ns >= 60 * SECOND_NS) {
		command_end(c);
		c->minute_ns = now;
		c->runs = 0;
	}
	if (c->runs == c->a_minute) {
		if (c->left_out++ == 0)
			log_warn("%s: ran %u times within a minute; the rest of it is left out",
			    c->argv[0], c->runs);
		return 0;
	}
	c->runs++;
	return 1;
}

int command_run(struct command *c, struct feed *f, const struct feed_event *e)
{
	int in, r;
	pid_t pid;

	if (!may_run(c))
		return 0;
	if ((in = make_input(e)) < 0)
		return in;
	pid = fork();
	if (pid == 0)
		run(c, in);
	r = pid < 0 ? -errno : 0;
	close(in);
	if (r != 0)
		return r;
	setpgid(pid, pid); /* whoever is first */
	return finish(c, f, e, pid);
}

void command_end(struct command *c)
{
	if (c->left_out > 0)
		log_warn("%s: %u events were left out", c->argv[0], c->left_out);
	c->left_out = 0;
}
