/* SPDX-License-Identifier: ISC */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "treegen.h"

#define STACK 65536

static void act_wait(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0)
		node_live(n);
	node_wait(pid);
}

static void act_leave(struct node *n, unsigned budget)
{
	if (node_fork(n, budget) == 0) {
		node_nap(n, 2000);
		node_live(n);
	}
	node_nap(n, 1000);
}

/* The parent goes first, at about the time at which its child forks or ends. */
static void double_fork(struct node *n, unsigned budget, int new_session, unsigned late_us)
{
	pid_t pid = node_fork(n, budget);

	if (pid != 0) {
		node_wait(pid);
		return;
	}
	if (new_session)
		setsid();
	if (node_fork(n, budget > 0 ? budget - 1 : 0) == 0) {
		if (late_us != 0)
			usleep(late_us);
		node_nap(n, 1000);
		node_live(n);
	}
	node_nap(n, 1000);
	_exit(0);
}

static void act_double(struct node *n, unsigned budget)
{
	double_fork(n, budget, (int)node_random(n, 2), 0);
}

/* Forks when its session is long over. */
static void act_daemon(struct node *n, unsigned budget)
{
	double_fork(n, budget, 1, 200000 + node_random(n, 1300000));
}

static void act_setsid(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0) {
		setsid();
		node_live(n);
	}
	if (node_random(n, 2))
		node_wait(pid);
}

static void act_exec(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0)
		node_exec(n, 0);
	if (node_random(n, 2))
		node_wait(pid);
}

/* Another program in this life, which goes on with the rest. */
static void act_exec_self(struct node *n, unsigned budget)
{
	n->budget += budget;
	node_exec(n, 0);
}

/* vfork(2): the child may do no more than exec, and says then that it is born. */
static void act_vfork(struct node *n, unsigned budget)
{
	struct node below = *n;
	char *argv[NODE_ARGS + 1];
	pid_t pid;

	below.budget = budget;
	below.seed = ~n->seed;
	node_argv(&below, getpid(), argv);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	pid = vfork();
#pragma GCC diagnostic pop
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(99);
	}
	if (node_random(n, 2))
		node_wait(pid);
}

/* Orphans come to this one, not to the keeper. */
static void act_subreaper(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0) {
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		double_fork(n, (n->budget + 1) / 2, 0, 0);
		act_leave(n, n->budget / 2);
		if (node_random(n, 2))
			node_wait(0);
		_exit(0);
	}
	node_wait(pid);
}

static void in_thread(struct node *n, void *(*run)(void *))
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	if (pthread_create(&t, &attr, run, n) != 0)
		_exit(98);
}

static void *thread_exec(void *n)
{
	node_exec(n, 0);
}

static void *thread_live(void *n)
{
	usleep(500); /* the leader has gone, mostly */
	node_live(n);
}

/* exec(2) by a thread that is not the leader, which takes the leader's pid over. */
static void act_thread_exec(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0) {
		in_thread(n, thread_exec);
		for (;;)
			pause();
	}
	node_wait(pid);
}

/* The leader ends, its process lives on in another thread and forks. */
static void act_leader_gone(struct node *n, unsigned budget)
{
	pid_t pid = node_fork(n, budget);

	if (pid == 0) {
		in_thread(n, thread_live);
		pthread_exit(NULL);
	}
	node_wait(pid);
}

static void act_killed(struct node *n, unsigned budget)
{
	static const int by[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT };
	struct rlimit none = { 0, 0 };
	pid_t pid = node_fork(n, budget);
	int sig;

	if (pid != 0) {
		node_wait(pid);
		return;
	}
	setrlimit(RLIMIT_CORE, &none);
	while (n->budget > 0)
		node_act(n);
	sig = by[node_random(n, 4)];
	signal(sig, SIG_DFL);
	kill(getpid(), sig);
	_exit(97);
}

struct act {
	unsigned weight;
	int root_only;
	void (*run)(struct node *n, unsigned budget);
};

static const struct act acts[] = {
	{ 10, 0, act_wait }, { 10, 0, act_leave }, { 12, 0, act_double }, { 6, 0, act_daemon },
	{ 6, 0, act_setsid }, { 8, 0, act_exec }, { 4, 0, act_exec_self }, { 6, 0, act_vfork },
	{ 6, 0, act_subreaper }, { 4, 0, act_thread_exec }, { 4, 0, act_leader_gone },
	{ 5, 0, act_killed }, { 3, 0, act_own_pty }, { 2, 0, act_script }, { 1, 1, act_nested },
	{ 1, 1, act_sudo }, { 1, 1, act_su },
};

void node_act(struct node *n)
{
	unsigned below = node_random(n, n->budget), total = 0, pick;
	const struct act *a = acts;
	size_t i;

	n->budget -= below + 1;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		total += acts[i].weight;
	for (pick = node_random(n, total); pick >= a->weight; a++)
		pick -= a->weight;
	if (a->root_only && geteuid() != 0)
		a = acts;
	a->run(n, below);
}
