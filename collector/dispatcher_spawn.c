/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dispatcher_internal.h"
#include "events.h"
#include "oom.h"
#include "program_path.h"

#define NAME "shellac-dispatch"
#define OUT_OF_THE_WAY 10
#define EXIT_NOT_FOUND 127

/* In the child, between fork and exec: no function that takes a lock. */
static _Noreturn void become(char *path, int sock, int journal)
{
	char *const argv[] = {path, NULL};
	char *const envp[] = {NULL};
	int high[2];

	oom_as_others();
	setsid(); /* what is typed to the collector's terminal is not for plugins */
	high[0] = fcntl(sock, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	high[1] = fcntl(journal, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	if (high[0] < 0 || high[1] < 0 || dup2(high[0], DISPATCH_FD_SOCKET) < 0 ||
	    dup2(high[1], DISPATCH_FD_JOURNAL) < 0)
		_exit(EXIT_NOT_FOUND);
	close_range(DISPATCH_FD_JOURNAL + 1, ~0U, 0);
	execve(path, argv, envp);
	_exit(EXIT_NOT_FOUND);
}

int dispatcher_spawn(struct dispatcher *d, int *sock)
{
	int journal = events_dir(d->c->events), pair[2], r;
	char path[PATH_MAX];
	pid_t pid;

	if (journal < 0)
		return -ENOENT;
	r = program_path(path, NAME, "dispatcher", PATHS_LIBEXECDIR);
	if (r != 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(path, pair[1], journal);
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r != 0) {
		close(pair[0]);
		return r;
	}
	d->pid = pid;
	*sock = pair[0];
	return 0;
}
