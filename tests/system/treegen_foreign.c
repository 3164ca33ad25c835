/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "treegen.h"

#define OUT_MAX 65536

/* Reads what a terminal shows until nobody has it open, then waits for its first. */
static void drain(int master, pid_t pid)
{
	char out[4096];
	size_t sum = 0;
	ssize_t got;

	while (sum < OUT_MAX && (got = read(master, out, sizeof(out))) > 0)
		sum += (size_t)got;
	node_wait(pid);
	close(master);
}

/* A child on a terminal of its own; the master is its parent's.  0 in the child. */
static pid_t on_terminal(struct node *n, unsigned budget, int *master)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	pid_t pid;

	if (m < 0 || grantpt(m) != 0 || unlockpt(m) != 0 ||
	    (slave = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		_exit(96);
	pid = node_fork(n, budget);
	if (pid != 0) {
		close(slave);
		*master = m;
		return pid;
	}
	setsid();
	if (ioctl(slave, TIOCSCTTY, 0) != 0 || dup2(slave, 0) < 0 || dup2(slave, 1) < 0 ||
	    dup2(slave, 2) < 0)
		_exit(95);
	return 0;
}

void act_own_pty(struct node *n, unsigned budget)
{
	int master;
	pid_t pid = on_terminal(n, budget, &master);

	if (pid == 0)
		node_live(n);
	node_wait(pid);
	close(master);
}

/* "treegen node ..." in one word for a shell */
static void command_line(const struct node *n, char *out, size_t size)
{
	char *argv[NODE_ARGS + 1];
	size_t len = 0;
	int i;

	node_argv(n, 0, argv);
	for (i = 0; i < NODE_ARGS; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? " " : "exec ", argv[i]);
}

void act_script(struct node *n, unsigned budget)
{
	char line[600];
	int master;
	pid_t pid = on_terminal(n, budget, &master);

	if (pid == 0) {
		command_line(n, line, sizeof(line));
		execl(node_foreign(n, "/usr/bin/script"), "script", "-qec", line, "/dev/null",
		    (char *)NULL);
		_exit(94);
	}
	drain(master, pid);
}

/* A recorder in a terminal of its own: what it runs is a session of its own. */
void act_nested(struct node *n, unsigned budget)
{
	const char *rec = getenv("TREES_REC"), *dir = getenv("TREES_DIR");
	char self[256], key[32], seed[24];
	const char *path;
	int master;
	pid_t pid;

	if (rec == NULL || dir == NULL)
		return;
	pid = on_terminal(n, budget, &master);
	if (pid == 0) {
		path = node_foreign(n, rec);
		snprintf(self, sizeof(self), "%s/treegen", n->dir);
		snprintf(key, sizeof(key), "N%s", n->tag);
		snprintf(seed, sizeof(seed), "%llu", (unsigned long long)n->seed);
		node_say("key %s %s\n", key, n->key);
		execl(path, "shellac-rec", "-d", dir, "--", self, "root", n->dir, key, seed, "1",
		    "1", (char *)NULL);
		_exit(93);
	}
	drain(master, pid);
}

void act_sudo(struct node *n, unsigned budget)
{
	char *argv[NODE_ARGS + 1], *all[NODE_ARGS + 5] = { (char *)"sudo", (char *)"-n",
		(char *)"-u", (char *)"nobody" };
	int master;
	pid_t pid = on_terminal(n, budget, &master);

	if (pid == 0) {
		node_argv(n, 0, argv);
		memcpy(all + 4, argv, sizeof(argv));
		execv(node_foreign(n, "/usr/bin/sudo"), all);
		_exit(92);
	}
	drain(master, pid);
}

void act_su(struct node *n, unsigned budget)
{
	char line[600];
	int master;
	pid_t pid = on_terminal(n, budget, &master);

	if (pid == 0) {
		command_line(n, line, sizeof(line));
		execl(node_foreign(n, "/bin/su"), "su", "-s", "/bin/sh", "nobody", "-c", line,
		    (char *)NULL);
		_exit(91);
	}
	drain(master, pid);
}
