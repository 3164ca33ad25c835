/* SPDX-License-Identifier: ISC */
#include "guard_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin_conf.h"

#define OUT_OF_THE_WAY 10
#define PROGRAM_FD 4
#define EXIT_CANNOT_RUN 126
#define FILES_SOFT 1024

/* On its standard error, which is the collector's log. */
static _Noreturn void fail(const char *path, const char *why)
{
	dprintf(STDERR_FILENO, "%s cannot be run: %s\n", path, why);
	_exit(EXIT_CANNOT_RUN);
}

/* 0, 1, 2, 3 and the program's, which goes as it runs; and nothing else. */
static int arrange(const struct guard_start *s, int program)
{
	const int from[] = {s->in, s->out, s->err, s->store, program};
	int high[5], i;

	for (i = 0; i < 5; i++) {
		high[i] = from[i] < 0 ? -1 : fcntl(from[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
		if (from[i] >= 0 && high[i] < 0)
			return -errno;
	}
	for (i = 0; i < 5; i++) {
		if (high[i] < 0)
			close(i);
		else if (dup3(high[i], i, i == PROGRAM_FD ? O_CLOEXEC : 0) < 0)
			return -errno;
	}
	return close_range(PROGRAM_FD + 1, ~0U, 0) < 0 ? -errno : 0;
}

static int drop(const struct guard_start *s)
{
	if (s->group_count < 0)
		return 0;
	if (setgroups((size_t)s->group_count, s->groups) < 0 ||
	    setresgid(s->gid, s->gid, s->gid) < 0 || setresuid(s->uid, s->uid, s->uid) < 0)
		return -errno;
	return 0;
}

static int confine(const struct guard_start *s, pid_t guard)
{
	struct rlimit files;
	const struct rlimit none = {0, 0};
	int r;

	umask(077);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > FILES_SOFT) {
		files.rlim_cur = FILES_SOFT;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (setsid() < 0 || chdir("/") < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	r = drop(s);
	/* a change of user forgets this: last */
	if (r == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0))
		r = -errno;
	return r == 0 && getppid() != guard ? -ESRCH : r;
}

static void reset_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void guard_child(const struct guard_start *s, pid_t guard)
{
	static const char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
	    "/sbin:/bin", "LANG=C.UTF-8", NULL};
	const char *why;
	int program, r;

	program = plugin_program_open(s->path, &why);
	if (program < 0) {
		dup2(s->err, STDERR_FILENO);
		fail(s->path, why);
	}
	r = arrange(s, program);
	if (r == 0)
		r = confine(s, guard);
	if (r != 0)
		fail(s->path, strerror(-r));
	reset_signals();
	execveat(PROGRAM_FD, "", (char *const *)(uintptr_t)s->argv, (char *const *)(uintptr_t)env,
	    AT_EMPTY_PATH);
	/* the interpreter of a script opens the script by its descriptor */
	if (errno == ENOENT && fcntl(PROGRAM_FD, F_SETFD, 0) == 0)
		execveat(PROGRAM_FD, "", (char *const *)(uintptr_t)s->argv,
		    (char *const *)(uintptr_t)env, AT_EMPTY_PATH);
	fail(s->path, strerror(errno));
}
