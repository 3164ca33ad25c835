/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "log.h"

#define TERM_MS 1500
#define STEP_MS 20

_Noreturn static void run(char *const argv[], int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execv(argv[0], argv);
	log_error("%s: cannot be run: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int child_open(struct child *c, char *const argv[])
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	c->pid = fork();
	if (c->pid == 0)
		run(argv, fds[1]);
	close(fds[1]);
	c->fd = fds[0];
	if (c->pid < 0) {
		c->pid = 0;
		return -errno;
	}
	return fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0 ? -errno : 0;
}

int child_turn(struct child *c, lines_got *got, void *ctx)
{
	static char piece[65536];
	ssize_t n = read(c->fd, piece, sizeof(piece));

	if (n > 0) {
		lines_take(&c->lines, piece, (size_t)n, got, ctx);
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	lines_end(&c->lines, got, ctx);
	return n < 0 ? -errno : E_END;
}

int child_close(struct child *c)
{
	int status = 0, waited = 0;
	pid_t r = 0;

	close(c->fd);
	if (c->pid == 0)
		return 0;
	kill(c->pid, SIGTERM);
	while ((r = waitpid(c->pid, &status, WNOHANG)) == 0 && waited < TERM_MS) {
		usleep(STEP_MS * 1000);
		waited += STEP_MS;
	}
	if (r == 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	c->pid = 0;
	return status;
}
