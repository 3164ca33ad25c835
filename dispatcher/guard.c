/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "guard_child.h"
#include "guard_kin.h"
#include "io.h"

#define NS_PER_MS UINT64_C(1000000)
#define KILL_AGAIN_MS 20
#define KILL_LAST_MS 5000 /* who lives then cannot be killed */
#define LOCK_FD 3
#define EXIT_LOST 126

/* What is done next with all that is there. */
enum phase { PHASE_RUNS, PHASE_EOF, PHASE_TERM, PHASE_KILL };

struct guard {
	enum phase phase;
	uint64_t due_ns;  /* of the next; 0: none */
	uint64_t last_ns; /* the guard gives up */
	pid_t child;      /* 0: has ended */
	int status;
};

int guard_user(struct guard_start *s, const char *user)
{
	const struct passwd *pw = getpwnam(user);

	if (pw == NULL)
		return -ENOENT;
	s->uid = pw->pw_uid;
	s->gid = pw->pw_gid;
	s->group_count = sizeof(s->groups) / sizeof(s->groups[0]);
	if (getgrouplist(user, pw->pw_gid, s->groups, &s->group_count) < 0)
		return -E2BIG;
	return 0;
}

static void enter(struct guard *g, enum phase phase, unsigned ms)
{
	g->phase = phase;
	g->due_ns = clock_mono() + ms * NS_PER_MS;
}

static void reap(struct guard *g)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != g->child)
			continue;
		g->child = 0;
		g->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (g->phase < PHASE_TERM)
			enter(g, PHASE_EOF, 0);
	}
	if (pid < 0 && errno == ECHILD)
		_exit(g->status);
}

static void due(struct guard *g)
{
	uint64_t now = clock_mono();

	if (g->due_ns == 0 || now < g->due_ns)
		return;
	if (g->phase == PHASE_RUNS) {
		enter(g, PHASE_EOF, 0); /* its time is over */
	} else if (g->phase == PHASE_EOF || g->phase == PHASE_TERM) {
		kin_signal(g->phase == PHASE_EOF ? SIGTERM : SIGKILL);
		enter(g, g->phase == PHASE_EOF ? PHASE_TERM : PHASE_KILL,
		    g->phase == PHASE_EOF ? GUARD_TERM_MS : KILL_AGAIN_MS);
		g->last_ns = now + (GUARD_TERM_MS + KILL_LAST_MS) * NS_PER_MS;
	} else {
		kin_signal(SIGKILL);
		enter(g, PHASE_KILL, KILL_AGAIN_MS);
		if (now > g->last_ns)
			_exit(EXIT_LOST);
	}
}

static void wait_for_signal(struct guard *g, const sigset_t *set)
{
	uint64_t now = clock_mono(), ns;
	struct timespec ts = {.tv_sec = 3600};
	int signal;

	if (g->due_ns != 0) {
		ns = g->due_ns > now ? g->due_ns - now : 0;
		ts = (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec =
		    (long)(ns % 1000000000)};
	}
	signal = sigtimedwait(set, NULL, &ts);
	if (signal == SIGTERM && g->phase == PHASE_RUNS)
		enter(g, PHASE_EOF, GUARD_EOF_MS);
}

/* Each pass ends in one of the exits of reap() and due(). */
static _Noreturn void watch(struct guard *g)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		reap(g);
		due(g);
		wait_for_signal(g, &set);
	}
}

/* Nothing of the plugin's but its life. */
static void let_go(const struct guard_start *s)
{
	int i;

	for (i = 0; i < LOCK_FD; i++)
		close(i);
	if (s->lock != LOCK_FD)
		dup2(s->lock, LOCK_FD);
	close_range(LOCK_FD + 1, ~0U, 0);
	prctl(PR_SET_NAME, "shellac-guard");
}

/* tell: where its child's pid goes. */
static _Noreturn void be_guard(const struct guard_start *s, pid_t parent, int tell)
{
	struct guard g = {.status = EXIT_LOST};
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (getppid() != parent)
		_exit(EXIT_LOST);
	g.child = fork();
	if (g.child == 0)
		guard_child(s, getppid());
	if (g.child < 0)
		_exit(EXIT_LOST);
	if (write(tell, &g.child, sizeof(g.child)) < 0)
		g.due_ns = 0; /* who would read it is gone, which is seen soon */
	if (s->limit_s > 0)
		g.due_ns = clock_mono() + s->limit_s * 1000 * NS_PER_MS;
	let_go(s);
	watch(&g);
}

pid_t guard_spawn(const struct guard_start *s, pid_t *child)
{
	pid_t parent = getpid(), pid;
	int tell[2];

	*child = 0;
	if (pipe2(tell, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		be_guard(s, parent, tell[1]);
	if (pid < 0)
		pid = -errno;
	close(tell[1]);
	if (pid > 0 && io_read_all(tell[0], child, sizeof(*child)) != sizeof(*child))
		*child = 0;
	close(tell[0]);
	return pid;
}
