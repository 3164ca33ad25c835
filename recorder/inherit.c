/* SPDX-License-Identifier: ISC */
#include "inherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environ.h"

/* Signals of which the front or the keeper hears on a descriptor. */
static const int heard[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH, SIGCHLD,
	SIGUSR1, SIGUSR2, SIGALRM,
};

/* execve(2) of a set-user-ID program lowers the limit of the stack to this */
#define STACK_LOWERED (UINT64_C(8) << 20)

static const __itimer_which_t timers[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };

static void save_descriptors(struct inherited *in)
{
	int fd;

	close_range(3, ~0U, 0);
	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		in->closed |= 1 << fd;
		if (open("/dev/null", O_RDWR) != fd)
			_exit(125);
	}
}

static void save_ignored(struct inherited *in)
{
	struct sigaction sa;
	int sig;

	for (sig = 1; sig <= 64; sig++)
		if (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			in->ignored |= UINT64_C(1) << (sig - 1);
}

/* Where the kernel may have lowered the stack's soft limit, the parent's is taken:
 * the one that a login hands on.  It is no privilege: up to the hard limit
 * anybody may raise it. */
static void save_stack(struct inherited *in)
{
	char path[32], line[128], soft[24];
	struct rlimit now;
	FILE *f;

	if (getrlimit(RLIMIT_STACK, &now) != 0 || now.rlim_cur != STACK_LOWERED ||
	    now.rlim_max == now.rlim_cur)
		return;
	snprintf(path, sizeof(path), "/proc/%d/limits", (int)getppid());
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "Max stack size %23s", soft) != 1)
			continue;
		in->stack = now;
		in->stack.rlim_cur = strcmp(soft, "unlimited") == 0 ? RLIM_INFINITY :
		    strtoull(soft, NULL, 10);
		if (in->stack.rlim_cur < now.rlim_cur || in->stack.rlim_cur > now.rlim_max)
			in->stack.rlim_cur = 0;
		break;
	}
	fclose(f);
}

/* What our caller can choose has no effect on a set-user-ID process. */
static void save_privileged(struct inherited *in, int argc, char **argv)
{
	in->privilege = privilege_get();
	in->environ = environ_take(in->privilege == PRIVILEGE_HELD, argc, argv);
	if (in->environ == NULL)
		_exit(125);
	if (in->privilege != PRIVILEGE_HELD)
		return;
	prctl(PR_SET_DUMPABLE, 0);
	save_stack(in);
}

void inherit_save(struct inherited *in, int argc, char **argv)
{
	static const struct itimerval off;
	size_t i;

	memset(in, 0, sizeof(*in));
	in->umask = umask(077);
	for (i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		setitimer(timers[i], &off, &in->timer[i]);
	sigprocmask(SIG_SETMASK, NULL, &in->mask);
	save_ignored(in);
	limits_save(&in->limits);
	save_descriptors(in);
	save_privileged(in, argc, argv);
}

static int ignores(const struct inherited *in, int sig)
{
	return (in->ignored >> (sig - 1) & 1) != 0;
}

void inherit_block(const struct inherited *in)
{
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(heard) / sizeof(*heard); i++)
		/* a blocked signal is queued even where it is ignored */
		if (!ignores(in, heard[i]) || heard[i] == SIGCHLD || heard[i] == SIGWINCH)
			sigaddset(&set, heard[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXCPU, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

void inherit_restore(const struct inherited *in)
{
	size_t i;
	int sig, fd;

	if (privilege_become_user(in->privilege) != 0)
		_exit(126);
	environ = in->environ;
	if (in->stack.rlim_cur != 0)
		setrlimit(RLIMIT_STACK, &in->stack);
	for (sig = 1; sig <= 64; sig++)
		signal(sig, ignores(in, sig) ? SIG_IGN : SIG_DFL);
	for (i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		if (in->timer[i].it_value.tv_sec != 0 || in->timer[i].it_value.tv_usec != 0)
			setitimer(timers[i], &in->timer[i], NULL);
	for (fd = 0; fd <= 2; fd++)
		if (in->closed & 1 << fd)
			close(fd);
	limits_restore(&in->limits);
	umask(in->umask);
	sigprocmask(SIG_SETMASK, &in->mask, NULL);
}
