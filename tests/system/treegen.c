/* SPDX-License-Identifier: ISC */
/*
 * treegen: see treegen.h.
 *
 *	treegen root DIR KEY SEED TREES AT-ONCE
 *	treegen node DIR KEY SEED BUDGET PARENT
 *	treegen storm DIR KEY SEED COUNT COMM
 *
 * root prints "key KEY", so that a recorded session can be told by what it shows, and
 * runs TREES trees, so many at once.  storm makes COUNT processes as fast as it can, each
 * with this comm; half of them lose their parent, about when they end.  DIR holds treegen
 * itself, the files truth (0666) and count (0666, 8 bytes: zeros and a number of the run),
 * and the folder x, into which all may write.
 */
#include "treegen.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE_MAX 40 /* processes of a tree, about */
#define AT_ONCE_MAX 16

static _Atomic uint32_t *count; /* of tags; behind it the number of this run */
static int truth = -1;

static void die(const char *what)
{
	perror(what);
	_exit(99);
}

static int open_in(const char *dir, const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, flags | O_CLOEXEC)) < 0)
		die(path);
	return fd;
}

void node_begin(struct node *n, const char *dir, const char *key)
{
	int fd = open_in(dir, "count", O_RDWR);
	void *p = mmap(NULL, 2 * sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	close(fd);
	count = p;
	truth = open_in(dir, "truth", O_WRONLY | O_APPEND);
	n->dir = dir;
	n->key = key;
	signal(SIGHUP, SIG_IGN); /* none may die before it has said whose it is */
	signal(SIGCHLD, SIG_DFL);
}

void node_say(const char *format, ...)
{
	char line[256];
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(line) || write(truth, line, (size_t)len) != len)
		die("truth");
}

struct self {
	unsigned long long start_ticks;
	unsigned tty;
};

/* proc_pid_stat(5); our comm has neither blanks nor brackets */
static struct self self(void)
{
	struct self s = { 0 };
	char text[1024];
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *p;

	if (len <= 0)
		die("/proc/self/stat");
	close(fd);
	text[len] = '\0';
	p = strrchr(text, ')');
	if (p == NULL || sscanf(p, ") %*c %*d %*d %*d %u %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
	    "%*d %*d %*d %*d %llu", &s.tty, &s.start_ticks) != 2)
		die("stat");
	return s;
}

static void say_life(struct node *n, const char *kind, pid_t parent)
{
	struct self s = self();

	node_say("%s %d %llu %s %s %d %u\n", kind, (int)getpid(), s.start_ticks, n->tag, n->key,
	    (int)parent, s.tty);
}

/* Other runs may be going on. */
static void new_tag(struct node *n, char kind)
{
	snprintf(n->tag, sizeof(n->tag), "t%c%05x%07x", kind, count[1] & 0xfffff,
	    atomic_fetch_add(count, 1) & 0xfffffff);
}

void node_born(struct node *n, pid_t parent)
{
	new_tag(n, 'g');
	say_life(n, "life", parent);
	prctl(PR_SET_NAME, n->tag);
}

const char *node_foreign(struct node *n, const char *program)
{
	static char path[256];

	new_tag(n, 'f');
	snprintf(path, sizeof(path), "%s/x/%s", n->dir, n->tag);
	if (symlink(program, path) != 0)
		die(path);
	say_life(n, "foreign", 0);
	return path;
}

/* splitmix64 */
unsigned node_random(struct node *n, unsigned end)
{
	uint64_t z = n->seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) >> 16) % end;
}

void node_nap(struct node *n, unsigned us)
{
	if (node_random(n, 2))
		usleep(node_random(n, us) + 1);
}

pid_t node_fork(struct node *n, unsigned budget)
{
	uint64_t seed = (uint64_t)node_random(n, 1u << 31) << 20 | node_random(n, 1u << 20);
	pid_t self_pid = getpid();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		n->seed = seed;
		n->budget = budget;
		node_born(n, self_pid);
	}
	return pid;
}

void node_argv(const struct node *n, pid_t parent, char *argv[NODE_ARGS + 1])
{
	static char path[256], seed[24], budget[16], forker[16];

	snprintf(path, sizeof(path), "%s/treegen", n->dir);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)n->seed);
	snprintf(budget, sizeof(budget), "%u", n->budget);
	snprintf(forker, sizeof(forker), "%d", (int)parent);
	argv[0] = path;
	argv[1] = (char *)"node";
	argv[2] = (char *)(uintptr_t)n->dir;
	argv[3] = (char *)(uintptr_t)n->key;
	argv[4] = seed;
	argv[5] = budget;
	argv[6] = forker;
	argv[7] = NULL;
}

void node_exec(struct node *n, pid_t parent)
{
	char *argv[NODE_ARGS + 1];

	node_argv(n, parent, argv);
	execv(argv[0], argv);
	die(argv[0]);
	_exit(99);
}

void node_wait(pid_t pid)
{
	if (pid != 0)
		waitpid(pid, NULL, 0);
	else
		while (wait(NULL) > 0)
			;
}

void node_live(struct node *n)
{
	while (n->budget > 0)
		node_act(n);
	node_nap(n, 2000);
	_exit((int)node_random(n, 100));
}

static void root(struct node *n, unsigned trees, unsigned at_once)
{
	pid_t running[AT_ONCE_MAX] = { 0 };
	unsigned i;

	printf("key %s\n", n->key);
	fflush(stdout);
	for (i = 0; i < trees; i++) {
		if (running[i % at_once] != 0)
			node_wait(running[i % at_once]);
		running[i % at_once] = node_fork(n, 3 + node_random(n, TREE_MAX - 3));
		if (running[i % at_once] == 0)
			node_live(n);
	}
	for (i = 0; i < at_once; i++)
		if (running[i] != 0)
			node_wait(running[i]);
	_exit(0);
}

static void storm(const struct node *n, unsigned processes, const char *comm)
{
	printf("key %s\n", n->key);
	fflush(stdout);
	prctl(PR_SET_NAME, comm);
	for (unsigned i = 0; i < processes; i += 2) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			if (i + 1 < processes && fork() < 0)
				die("fork");
			_exit(0);
		}
		node_wait(pid);
	}
	prctl(PR_SET_NAME, "storm over");
	_exit(0);
}

int main(int argc, char **argv)
{
	static struct node n; /* threads use it when this one has gone */

	if (argc != 7) {
		fputs("usage: treegen root DIR KEY SEED TREES AT-ONCE\n"
		      "       treegen node DIR KEY SEED BUDGET PARENT\n"
		      "       treegen storm DIR KEY SEED COUNT COMM\n", stderr);
		return 2;
	}
	node_begin(&n, argv[2], argv[3]);
	n.seed = strtoull(argv[4], NULL, 10);
	if (strcmp(argv[1], "root") == 0) {
		unsigned at_once = (unsigned)atoi(argv[6]);

		node_born(&n, 0);
		root(&n, (unsigned)atoi(argv[5]),
		    at_once >= 1 && at_once <= AT_ONCE_MAX ? at_once : 1);
	}
	if (strcmp(argv[1], "storm") == 0)
		storm(&n, (unsigned)atoi(argv[5]), argv[6]);
	n.budget = (unsigned)atoi(argv[5]);
	node_born(&n, (pid_t)atoi(argv[6]));
	node_live(&n);
}
