/* SPDX-License-Identifier: ISC */
#include "survivors.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "front_note.h"
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

/* All processes below pid, as many as are found in one pass over /proc and at most
 * max; writes SURVIVOR_SIZE bytes for each.  Returns their number.  A process that
 * is ending or starting meanwhile may be missing. */
static size_t list_below(pid_t pid, uint8_t *out, size_t max)
{
	struct list l = { .out = out, .max = max };
	size_t i;

	add_process(&l, pid);
	for (i = 0; i < l.n; i++)
		add_process(&l, (pid_t)get_u32(out + i * SURVIVOR_SIZE));
	return l.n;
}

void survivors_tell(int keeper, pid_t pid)
{
	uint8_t answer[sizeof(struct front_note) + SURVIVORS_MAX * SURVIVOR_SIZE];
	size_t n = list_below(pid, answer + sizeof(struct front_note), SURVIVORS_MAX);
	const struct front_note head = { .kind = FRONT_NOTE_SURVIVORS, .value = (int32_t)n };

	memcpy(answer, &head, sizeof(head));
	if (send(keeper, answer, sizeof(head) + n * SURVIVOR_SIZE, MSG_NOSIGNAL) < 0)
		return; /* the keeper has gone, which the next look at the socket says */
}

/* One record: -EAGAIN, another note; else the number of processes. */
static ssize_t take_answer(int front, uint8_t *out, size_t max)
{
	uint8_t answer[sizeof(struct front_note) + SURVIVORS_MAX * SURVIVOR_SIZE];
	ssize_t len = recv(front, answer, sizeof(answer), MSG_DONTWAIT);
	struct front_note head;
	size_t n;

	if (len < 0)
		return errno == EINTR || errno == ECONNRESET ? -EAGAIN : -errno;
	if (len == 0)
		return -EPIPE;
	if ((size_t)len < sizeof(head))
		return -EAGAIN;
	memcpy(&head, answer, sizeof(head));
	n = ((size_t)len - sizeof(head)) / SURVIVOR_SIZE;
	if (head.kind != FRONT_NOTE_SURVIVORS || n > max)
		return -EAGAIN;
	memcpy(out, answer + sizeof(head), n * SURVIVOR_SIZE);
	return (ssize_t)n;
}

ssize_t survivors_ask(int front, uint8_t *out, size_t max, int ms)
{
	const uint64_t end = clock_mono() + (uint64_t)ms * 1000000;
	struct pollfd p = { .fd = front, .events = POLLIN };
	uint64_t now;
	ssize_t n;

	if (front_note_send(front, FRONT_NOTE_SURVIVORS, 0) != 0)
		return -EPIPE;
	while ((now = clock_mono()) < end) {
		if (poll(&p, 1, (int)((end - now) / 1000000) + 1) <= 0)
			continue;
		n = take_answer(front, out, max);
		if (n != -EAGAIN)
			return n;
	}
	return -ETIMEDOUT;
}
