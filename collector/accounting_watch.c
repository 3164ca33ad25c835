/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"
#include "escape.h"
#include "log.h"

#define SECOND_NS UINT64_C(1000000000)
#define CANARY_EVERY_NS (60 * SECOND_NS)
#define ROTATE_AGAIN_NS (10 * SECOND_NS)

void accounting_say(struct accounting *a, enum accounting_state state, const char *fmt, ...)
{
	char text[sizeof(a->reason)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (text[0] != '\0' && strcmp(text, a->reason) != 0)
		log_warn("process accounting: %s", text);
	else if (text[0] == '\0' && a->state != state)
		log_info("process accounting is on");
	memcpy(a->reason, text, sizeof(text));
	a->state = state;
}

void accounting_taken(struct accounting *a, const struct acct_record *r)
{
	char comm[4 * ACCT_COMM + 8];

	escape_bytes(comm, sizeof(comm), r->comm, strnlen(r->comm, ACCT_COMM));
	a->taken = 1;
	accounting_say(a, ACCT_LOST, "taken over or turned off by process %u (uid %u, %s)", r->pid,
	    r->uid, comm);
}

int accounting_watch(struct accounting *a)
{
	char name[KERNEL_FILE_NAME_MAX];
	char path[sizeof(a->dir) + KERNEL_FILE_NAME_MAX];
	int watch;

	snprintf(path, sizeof(path), "%s/%s", a->dir, kernel_file_name(name, a->cur.k));
	watch = inotify_add_watch(a->inotify_fd, path,
	    IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
	if (watch < 0)
		return -errno;
	if (a->watch >= 0)
		inotify_rm_watch(a->inotify_fd, a->watch);
	a->watch = watch;
	return 0;
}

/* The events stand in a poll set of their own and fire once: a storm wakes nobody
 * again before the file has been read. */
void accounting_rearm(struct accounting *a)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(a->inotify_fd, buf, sizeof(buf)) > 0)
		;
	epoll_ctl(a->epoll_fd, EPOLL_CTL_MOD, a->inotify_fd, &ev);
}

int accounting_canary(struct accounting *a)
{
	pid_t pid = fork();
	int r;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	a->canary = pid;
	a->canary_seen = 0;
	a->canaries++;
	r = accounting_pump(a, &a->cur);
	a->dirty = 1; /* pushed, not settled */
	a->canary = 0;
	return r < 0 ? r : a->canary_seen;
}

void accounting_probe(struct accounting *a)
{
	unsigned percent;
	int r;

	a->canary_due_ns = clock_mono() + CANARY_EVERY_NS;
	if (a->taken)
		return;
	r = accounting_canary(a);
	if (r < 0 || a->taken) /* no memory, no process: says nothing */
		return;
	percent = kernel_file_free_percent(a->dir_fd);
	if (r == 0 && percent < KERNEL_FILE_FREE_MIN)
		accounting_say(a, ACCT_LOST, "the kernel writes no records: %u %% of the file system is free, it wants %u",
		    percent, KERNEL_FILE_FREE_MIN);
	else if (r == 0)
		accounting_say(a, ACCT_LOST, "the kernel writes no records to our file");
	else if (percent < KERNEL_FILE_FREE_MIN)
		accounting_say(a, a->harmed ? ACCT_LOST : ACCT_ON,
		    "%u %% of the file system is free, at 2 the kernel stops writing", percent);
	else if (!a->harmed && !a->write_failed)
		accounting_say(a, ACCT_ON, "%s", "");
}

int accounting_next(struct accounting *a, uint32_t k)
{
	char name[KERNEL_FILE_NAME_MAX];
	struct kernel_file next;
	int r = kernel_file_create(&next, a->dir_fd, k);

	if (r != 0)
		return r;
	if ((r = kernel_file_take(&next, a->dir_fd, a->dir)) != 0) {
		if (r != -ESTALE)
			unlinkat(a->dir_fd, kernel_file_name(name, k), 0);
		kernel_file_close(&next);
		return r;
	}
	a->cur = next;
	return accounting_watch(a);
}

int accounting_rotate(struct accounting *a)
{
	struct kernel_file old = a->cur;
	int r, read;

	a->own_marker = 0;
	a->rotate_after_ns = clock_mono() + ROTATE_AGAIN_NS;
	if ((r = accounting_next(a, old.k + 1)) != 0 && a->cur.k == old.k) {
		accounting_say(a, a->state, "kernel file %u cannot be rotated: %s", old.k, err_text(r));
		return r;
	}
	a->rotations++;
	a->rotate_after_ns = 0;
	read = accounting_pump(a, &old);
	if (read == 0) {
		a->unmarked += a->own_marker ? 0 : 1;
		read = accounting_done(a, &old);
	}
	kernel_file_close(&old);
	a->dirty = 1;
	return read != 0 ? read : r;
}

void accounting_guard(struct accounting *a)
{
	static const char *const what[] = { [KERNEL_FILE_FINE] = "", [KERNEL_FILE_SHORT] = "cut",
		[KERNEL_FILE_REMOVED] = "removed", [KERNEL_FILE_REPLACED] = "replaced" };
	enum kernel_file_state is = kernel_file_check(&a->cur, a->dir_fd);

	if (is == KERNEL_FILE_FINE || a->taken)
		return;
	a->harmed = 1;
	accounting_say(a, ACCT_LOST, "kernel file %u was %s by someone: records may be missing",
	    a->cur.k, what[is]);
	if (is == KERNEL_FILE_SHORT)
		kernel_file_restart(&a->cur);
	if (accounting_canary(a) == 1 && !a->taken)
		accounting_rotate(a);
}
