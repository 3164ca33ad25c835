/* SPDX-License-Identifier: ISC */
#include "survivors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "bytes.h"
#include "procfs.h"

struct list {
	uint8_t *out;
	size_t n, max;
};

/* Children of one thread, proc(5) task/.../children. */
static void add_children(struct list *l, pid_t pid, const char *tid)
{
	struct proc_stat s;
	char path[64];
	uint8_t *p;
	FILE *f;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", (int)pid, tid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while (l->n < l->max && fscanf(f, "%d", &child) == 1) {
		if (procfs_stat(child, &s) != 0 || s.state == 'Z')
			continue;
		p = l->out + l->n++ * SURVIVOR_SIZE;
		put_u32(p, (uint32_t)child);
		put_u64(p + 4, s.start_ticks);
	}
	fclose(f);
}

static void add_process(struct list *l, pid_t pid)
{
	struct dirent *e;
	char path[32];
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			add_children(l, pid, e->d_name);
	closedir(d);
}

size_t survivors_list(uint8_t *out, size_t max)
{
	struct list l = { .out = out, .max = max };
	size_t i;

	add_process(&l, getpid());
	for (i = 0; i < l.n; i++)
		add_process(&l, (pid_t)get_u32(out + i * SURVIVOR_SIZE));
	return l.n;
}
