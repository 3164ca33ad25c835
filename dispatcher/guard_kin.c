/* SPDX-License-Identifier: ISC */
#include "guard_kin.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "procfs.h"

struct pair {
	pid_t pid, ppid;
	int is_kin;
};

/* Every process and its parent; the number of them, and *out the caller's to free. */
static size_t read_all(struct pair **out)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	struct pair *all = NULL, *more;
	struct proc_stat st;
	size_t n = 0, room = 0;

	while (proc != NULL && (e = readdir(proc)) != NULL) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    procfs_stat((pid_t)strtol(e->d_name, NULL, 10), &st) != 0)
			continue;
		if (n == room) {
			room = room * 2 + 256;
			more = reallocarray(all, room, sizeof(*all));
			if (more == NULL)
				break;
			all = more;
		}
		all[n++] = (struct pair){.pid = st.pid, .ppid = st.ppid};
	}
	if (proc != NULL)
		closedir(proc);
	*out = all;
	return n;
}

static int is_kin(const struct pair *all, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (all[i].pid == pid)
			return all[i].is_kin;
	return pid == getpid();
}

/* A child's number may be below its parent's: until a pass finds no more. */
static void mark(struct pair *all, size_t n)
{
	const pid_t self = getpid();
	size_t i;
	int more;

	do {
		more = 0;
		for (i = 0; i < n; i++)
			if (!all[i].is_kin && (all[i].ppid == self || is_kin(all, n, all[i].ppid)))
				more = all[i].is_kin = 1;
	} while (more);
}

void kin_signal(int signal)
{
	struct pair *all;
	size_t i, n = read_all(&all);

	mark(all, n);
	for (i = 0; i < n; i++)
		if (all[i].is_kin)
			kill(all[i].pid, signal);
	free(all);
}
