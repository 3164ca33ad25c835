/* SPDX-License-Identifier: ISC */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_ready(int fd, pid_t child)
{
	int status = 0;
	ssize_t n;
	char c;

	do
		n = read(fd, &c, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_CANNOT);
}

int daemon_begin(void)
{
	int p[2], r;
	pid_t child;

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		r = -errno;
		close(p[0]);
		close(p[1]);
		return r;
	}
	if (child > 0) {
		close(p[1]);
		wait_ready(p[0], child);
	}
	close(p[0]);
	setsid();
	if (chdir("/") < 0)
		_exit(EXIT_CANNOT);
	return p[1];
}

void daemon_null(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), i;

	for (i = 0; null >= 0 && i <= 2; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

void daemon_ready(int fd)
{
	daemon_null();
	/* the parent may have been killed; that changes nothing here */
	if (write(fd, "", 1) < 0)
		errno = 0;
	close(fd);
}
