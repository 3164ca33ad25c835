/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger_file.h"
#include "oom.h"
#include "program_path.h"
#include "pusher_internal.h"

#define NAME "shellac-push"
#define OUT_OF_THE_WAY 10
#define EXIT_NOT_FOUND 127

/* In the child, between fork and exec: no function that takes a lock. */
static _Noreturn void become(char *path, const int fds[3])
{
	char *const argv[] = {path, NULL};
	char *const envp[] = {NULL};
	int high[3], i;

	oom_as_others();
	for (i = 0; i < 3; i++)
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	for (i = 0; i < 3; i++)
		if (high[i] < 0 || dup2(high[i], PUSH_FD_SOCKET + i) < 0)
			_exit(EXIT_NOT_FOUND);
	close_range(PUSH_FD_HASHES + 1, ~0U, 0);
	execve(path, argv, envp);
	_exit(EXIT_NOT_FOUND);
}

/* To read; a file of hashes that is missing is an empty one. */
static int open_ledger(const struct pusher *p, int fds[3])
{
	int store = p->c->store.dir, flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;

	fds[1] = openat(store, LEDGER_DIR "/" LEDGER_LOG, flags);
	fds[2] = openat(store, LEDGER_DIR "/" LEDGER_HASHES, flags);
	if (fds[2] < 0)
		fds[2] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fds[1] < 0 || fds[2] < 0 ? -errno : 0;
}

int pusher_spawn(struct pusher *p)
{
	int pair[2] = {-1, -1}, fds[3] = {-1, -1, -1}, r, i;
	char path[PATH_MAX];
	pid_t pid;

	r = program_path(path, NAME, "pusher", PATHS_LIBEXECDIR);
	if (r == 0)
		r = open_ledger(p, fds);
	if (r == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		r = -errno;
	if (r == 0) {
		fds[0] = pair[1];
		pid = fork();
		if (pid == 0)
			become(path, fds);
		if (pid < 0)
			r = -errno;
		else
			p->pid = pid;
	}
	for (i = 1; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (pair[1] >= 0)
		close(pair[1]);
	if (r != 0 && pair[0] >= 0)
		close(pair[0]);
	if (r == 0)
		p->sock = pair[0];
	return r;
}
