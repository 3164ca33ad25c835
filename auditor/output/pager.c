/* SPDX-License-Identifier: ISC */
#include "output/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/terminal.h"

static struct {
	pid_t pid;
	int stdout_fd; /* the terminal */
	struct sigaction interrupt, pipe;
} pager;

/* As git does: as it is read, in colour, nothing where it fits; and less alone knows -R. */
static void run(int in)
{
	const char *command = getenv("PAGER");

	if (in != STDIN_FILENO && dup2(in, STDIN_FILENO) < 0)
		_exit(127);
	setenv("LESS", "FRX", 0);
	sigaction(SIGINT, &pager.interrupt, NULL);
	sigaction(SIGPIPE, &pager.pipe, NULL);
	if (command == NULL)
		command = "less";
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Is there one?  $PAGER is the user's to know. */
static int is_there(void)
{
	const char *p = getenv("PAGER"), *path = getenv("PATH");
	char name[4096];

	if (p != NULL)
		return *p != '\0' && strcmp(p, "cat") != 0;
	for (; path != NULL && *path != '\0'; path += *path == ':') {
		size_t len = strcspn(path, ":");

		snprintf(name, sizeof name, "%.*s/less", (int)(len < 4000 ? len : 4000), path);
		if (access(name, X_OK) == 0)
			return 1;
		path += len;
	}
	return 0;
}

int pager_begin(size_t lines)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	uint16_t rows, cols;
	int fd[2];

	if (!isatty(STDOUT_FILENO) || !terminal_size(&rows, &cols) || lines < rows || !is_there() ||
	    pipe2(fd, O_CLOEXEC) != 0)
		return 0;
	fflush(stdout);
	sigaction(SIGINT, &ignore, &pager.interrupt);
	sigaction(SIGPIPE, &ignore, &pager.pipe);
	pager.stdout_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	pager.pid = pager.stdout_fd < 0 ? -1 : fork();
	if (pager.pid == 0)
		run(fd[0]);
	close(fd[0]);
	if (pager.pid > 0 && dup2(fd[1], STDOUT_FILENO) >= 0) {
		close(fd[1]);
		return 1;
	}
	close(fd[1]);
	if (pager.stdout_fd >= 0)
		close(pager.stdout_fd);
	sigaction(SIGINT, &pager.interrupt, NULL);
	sigaction(SIGPIPE, &pager.pipe, NULL);
	return 0;
}

void pager_end(void)
{
	(void)fflush(stdout);
	clearerr(stdout);
	dup2(pager.stdout_fd, STDOUT_FILENO);
	close(pager.stdout_fd);
	while (waitpid(pager.pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &pager.interrupt, NULL);
	sigaction(SIGPIPE, &pager.pipe, NULL);
}
