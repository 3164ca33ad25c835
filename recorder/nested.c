/* SPDX-License-Identifier: ISC */
#include "nested.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "procfs.h"

/* more ancestors than this no login has */
#define CHAIN_MAX 256
#define DELETED " (deleted)" /* proc_pid_exe(5) */

struct self {
	int privileged;
	struct stat exe;
	char path[PATH_MAX + sizeof(DELETED)]; /* of exe, once another has replaced it */
	char comm[16];
};

/* Replaced while it runs, by an upgrade. */
static int was_replaced(const char *link, const struct self *self)
{
	char target[sizeof(self->path)];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n <= 0)
		return 0;
	target[n] = '\0';
	return strcmp(target, self->path) == 0;
}

/* Nobody else is _shellac.  Without privileges: whether p runs our executable, or the
 * one that was in its place; a keeper is not dumpable, so that its exe link can't be
 * looked at: then its name has to do. */
static int is_recorder(const struct proc_stat *p, const struct self *self)
{
	struct proc_ids ids;
	struct stat st;
	char path[40];

	if (self->privileged)
		return procfs_ids(p->pid, &ids) == 0 && ids.euid == geteuid();
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)p->pid);
	if (stat(path, &st) == 0)
		return (st.st_dev == self->exe.st_dev && st.st_ino == self->exe.st_ino) ||
		    was_replaced(path, self);
	return errno == EACCES && strcmp(p->comm, self->comm) == 0;
}

static int depth(pid_t pid, const struct self *self)
{
	struct proc_stat p;
	int n = 0, i;

	for (i = 0; i < CHAIN_MAX && pid > 1 && procfs_stat(pid, &p) == 0; i++) {
		n += is_recorder(&p, self);
		pid = p.ppid;
	}
	return n;
}

static int know_self(struct self *self, const struct proc_stat *me, enum privilege privilege)
{
	ssize_t n = readlink("/proc/self/exe", self->path, PATH_MAX - 1);

	if (n < 0 || stat("/proc/self/exe", &self->exe) != 0)
		return -errno;
	memcpy(self->path + n, DELETED, sizeof(DELETED));
	memcpy(self->comm, me->comm, sizeof(self->comm));
	self->privileged = privilege == PRIVILEGE_HELD;
	return 0;
}

int nested_inside(enum privilege privilege)
{
	struct proc_stat me, leader, above;
	struct self self;

	if (procfs_stat(getpid(), &me) != 0 || know_self(&self, &me, privilege) != 0)
		return 0;
	if (me.tty_dev != 0 && me.session > 0 && procfs_stat(me.session, &leader) == 0 &&
	    leader.tty_dev == me.tty_dev && procfs_stat(leader.ppid, &above) == 0 &&
	    is_recorder(&above, &self))
		return 1;
	return depth(me.ppid, &self) >= 2 * NESTED_DEPTH_MAX;
}
