/* SPDX-License-Identifier: ISC */
#include "spawn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int spawn_exit_code(int exec_errno)
{
	return exec_errno == ENOENT || exec_errno == ENOTDIR ? 127 : 126;
}

static void take_terminal(int slave)
{
	int fd, to_file = !isatty(STDERR_FILENO);

	setsid();
	if (ioctl(slave, TIOCSCTTY, 0) != 0)
		_exit(126);
	for (fd = 0; fd <= 2; fd++)
		if (fd < 2 || !to_file)
			dup2(slave, fd);
}

/* In the child.  Everything but 0 to 2 and the channel is O_CLOEXEC already. */
static void run(const struct program *prog, const struct inherited *in, int slave, int channel)
{
	int err;
	char go;

	if (read(channel, &go, 1) != 1)
		_exit(126);
	if (slave >= 0)
		take_terminal(slave);
	inherit_restore(in);
	if (prog->search)
		execvp(prog->path, prog->argv);
	else
		execv(prog->path, prog->argv);
	err = errno;
	if (write(channel, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(spawn_exit_code(err));
}

int spawn_fork(struct spawn *s, const struct program *prog, const struct inherited *in, int slave)
{
	int channel[2], err;
	pid_t p;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
		return -errno;
	p = fork();
	if (p < 0) {
		err = errno;
		close(channel[0]);
		close(channel[1]);
		return -err;
	}
	if (p == 0) {
		close(channel[0]);
		run(prog, in, slave, channel[1]);
	}
	close(channel[1]);
	*s = (struct spawn){ .pid = p, .channel = channel[0] };
	return 0;
}

int spawn_go(struct spawn *s)
{
	int err = 0;
	ssize_t n;

	/* one that was killed meanwhile hears nothing and says nothing */
	while (send(s->channel, "", 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
	do
		n = read(s->channel, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(s->channel);
	s->channel = -1;
	return n == (ssize_t)sizeof(err) ? err : 0;
}

void spawn_cancel(struct spawn *s)
{
	if (s->channel < 0)
		return;
	close(s->channel);
	s->channel = -1;
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
