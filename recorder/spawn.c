/* SPDX-License-Identifier: ISC */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
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

/* In the child.  Everything but 0 to 2 and the pipe is O_CLOEXEC already. */
static void run(const struct program *prog, const struct inherited *in, int slave, int tell)
{
	int err;

	if (slave >= 0)
		take_terminal(slave);
	inherit_restore(in);
	if (prog->search)
		execvp(prog->path, prog->argv);
	else
		execv(prog->path, prog->argv);
	err = errno;
	if (write(tell, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(spawn_exit_code(err));
}

int spawn_program(pid_t *pid, int *exec_errno, const struct program *prog,
    const struct inherited *in, int slave)
{
	int tell[2], err = 0;
	ssize_t n;
	pid_t p;

	if (pipe2(tell, O_CLOEXEC) != 0)
		return -errno;
	p = fork();
	if (p < 0) {
		err = errno;
		close(tell[0]);
		close(tell[1]);
		return -err;
	}
	if (p == 0)
		run(prog, in, slave, tell[1]);
	close(tell[1]);
	do
		n = read(tell[0], &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close(tell[0]);
	*exec_errno = n == (ssize_t)sizeof(err) ? err : 0;
	*pid = p;
	return 0;
}
