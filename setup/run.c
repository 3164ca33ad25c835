/* SPDX-License-Identifier: ISC */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define NS_MS 1000000
#define FIRST_MS 200
#define AGAIN_MS 1500 /* what a shell that just starts throws away is typed once more */
#define LEAVE_MS 5000
#define LOOK_MS 200
#define ENV_MAX 16

static const char *const standard[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
	"TERM=dumb", NULL,
};

static int become(const struct run_as *as)
{
	if (as == NULL || as->user == NULL)
		return 0;
	if (initgroups(as->user, as->gid) < 0 || setresgid(as->gid, as->gid, as->gid) < 0 ||
	    setresuid(as->uid, as->uid, as->uid) < 0)
		return -errno;
	return 0;
}

/* In the child. */
static _Noreturn void begin(const char *const *argv, const struct run_as *as)
{
	const char *env[ENV_MAX + 1];
	const char *const *more = as != NULL ? as->env : NULL;
	size_t n = 0, i;
	sigset_t none;

	for (i = 0; standard[i] != NULL; i++)
		env[n++] = standard[i];
	for (; more != NULL && *more != NULL && n < ENV_MAX; more++)
		env[n++] = *more;
	env[n] = NULL;
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	closefrom(STDERR_FILENO + 1);
	if (become(as) != 0 || chdir("/") < 0)
		_exit(126);
	execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(errno == ENOENT ? 127 : 126);
}

static int left_ms(uint64_t end)
{
	uint64_t now = clock_mono();

	return now >= end ? 0 : (int)((end - now) / NS_MS) + 1;
}

/* Adds what there is to said.  1, 0 at the end, -ETIME, or -EAGAIN after wait_ms. */
static int hear(int fd, char said[RUN_SAID_MAX], size_t *len, uint64_t end, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char drop[4096];
	size_t room = RUN_SAID_MAX - 1 - *len;
	int left = left_ms(end), n = poll(&p, 1, left < wait_ms ? left : wait_ms);
	ssize_t got;

	if (n < 0 && errno != EINTR)
		return -errno;
	if (n <= 0)
		return left_ms(end) == 0 ? -ETIME : -EAGAIN;
	got = room > 0 ? read(fd, said + *len, room) : read(fd, drop, sizeof(drop));
	if (got <= 0) /* a terminal that nobody has open any more is EIO */
		return 0;
	if (room > 0)
		*len += (size_t)got;
	said[*len] = '\0';
	return 1;
}

static int status_of(int st)
{
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

/* Its status, by which it is waited for; or after end it is killed. */
static int wait_for(pid_t pid, uint64_t end)
{
	int st, killed = 0;
	pid_t r;

	while ((r = waitpid(pid, &st, WNOHANG)) == 0 || (r < 0 && errno == EINTR)) {
		if (left_ms(end) == 0 && !killed) {
			kill(-pid, SIGKILL);
			killed = 1;
		}
		poll(NULL, 0, 10);
	}
	return r < 0 ? -errno : killed ? -ETIME : status_of(st);
}

/* What it started, and let go, may still have our pipe. */
static int has_ended(pid_t pid)
{
	siginfo_t si = { 0 };

	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0 || si.si_pid != 0;
}

int run_program(const char *const *argv, const struct run_as *as, int limit_ms,
    char said[RUN_SAID_MAX])
{
	const uint64_t end = clock_mono() + (uint64_t)limit_ms * NS_MS;
	int out[2], r, null;
	size_t len = 0;
	pid_t pid;

	said[0] = '\0';
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		if (setsid() < 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
		    dup2(out[1], STDOUT_FILENO) < 0 || dup2(out[1], STDERR_FILENO) < 0)
			_exit(126);
		begin(argv, as);
	}
	r = pid < 0 ? -errno : 1;
	close(out[1]);
	while (r == 1 || (r == -EAGAIN && !has_ended(pid)))
		r = hear(out[0], said, &len, end, LOOK_MS);
	close(out[0]);
	return pid < 0 ? r : wait_for(pid, end);
}

static int type(int fd, const char *text)
{
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* Until wanted was shown. */
static int converse(int fd, const char *line, const char *wanted, uint64_t end,
    char said[RUN_SAID_MAX])
{
	uint64_t again = clock_mono() + FIRST_MS * (uint64_t)NS_MS;
	size_t len = 0;
	int r;

	for (;;) {
		r = hear(fd, said, &len, end, left_ms(again));
		if (r == 0)
			return -EPROTO;
		if (r < 0 && r != -EAGAIN)
			return r;
		if (strstr(said, wanted) != NULL)
			return 0;
		if (left_ms(again) == 0) {
			type(fd, line);
			again = clock_mono() + AGAIN_MS * (uint64_t)NS_MS;
		}
	}
}

/* The rest, until it has left. */
static void let_go(int fd, const char *leave, char said[RUN_SAID_MAX])
{
	const uint64_t end = clock_mono() + LEAVE_MS * (uint64_t)NS_MS;
	size_t len = strlen(said);

	type(fd, leave);
	while (hear(fd, said, &len, end, LEAVE_MS) == 1)
		;
}

int run_on_terminal(const char *const *argv, const char *line, const char *wanted,
    const char *leave, int limit_ms, char said[RUN_SAID_MAX])
{
	const uint64_t end = clock_mono() + (uint64_t)limit_ms * NS_MS;
	const struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int master, r;
	pid_t pid;

	said[0] = '\0';
	pid = forkpty(&master, NULL, NULL, &size);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		begin(argv, NULL);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	r = converse(master, line, wanted, end, said);
	if (r == 0)
		let_go(master, leave, said);
	close(master); /* whoever is still there is hung up */
	wait_for(pid, clock_mono() + LEAVE_MS * (uint64_t)NS_MS);
	return r;
}
