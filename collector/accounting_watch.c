/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"
#include "log.h"

#define MS_NS UINT64_C(1000000)
#define SECOND_NS UINT64_C(1000000000)
#define STILL_NS (20 * SECOND_NS)
#define SILENT_MAX 2 /* canaries without a record until it is taken for not ours */

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
	if (state == ACCT_LOST && a->state != ACCT_LOST)
		accounting_gap_begins(a);
	else if (state == ACCT_ON && a->state == ACCT_LOST)
		accounting_gap_over(a);
	a->state = state;
}

int accounting_watch(struct accounting *a)
{
	char path[KERNEL_FILE_NAME_MAX];
	int watch = inotify_add_watch(a->inotify_fd, kernel_file_path(path, &a->cur),
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
	if (a->cfg.canary != NULL)
		a->cfg.canary(a->cfg.ctx, pid);
	return r < 0 ? r : a->canary_seen;
}

/* The folder that the records go to is the store's, unless someone moved it. */
static int is_in_place(const struct accounting *a)
{
	struct stat mine, named;

	return fstat(a->dir_fd, &mine) == 0 &&
	    fstatat(a->cfg.store_fd, "process", &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

/* The canary's record came: what else is not as it should be? */
static void judge(struct accounting *a)
{
	unsigned percent = kernel_file_free_percent(a->dir_fd);

	a->low = percent < KERNEL_FILE_FREE_MIN;
	if (a->low)
		accounting_say(a, ACCT_ON, "%u %% of the file system is free, at 2 the kernel stops writing",
		    percent);
	else if (a->write_failed != 0)
		accounting_say(a, ACCT_ON, UNWRITTEN, err_text(a->write_failed));
	else if (!is_in_place(a))
		accounting_say(a, ACCT_ON, "someone moved the folder process of the store: records go to where it is now");
	else if (a->rotate_failed == 0)
		accounting_say(a, ACCT_ON, "%s", "");
	else if (a->state != ACCT_ON)
		accounting_say(a, ACCT_ON, "kernel file %u cannot be rotated: %s", a->cur.k,
		    err_text(a->rotate_failed));
}

/* Its record did not come. */
static void silent(struct accounting *a)
{
	unsigned percent = kernel_file_free_percent(a->dir_fd);

	a->silent++;
	a->why = percent < KERNEL_FILE_FREE_MIN ? "no room" : "no records";
	if (percent < KERNEL_FILE_FREE_MIN)
		accounting_say(a, ACCT_LOST, "the kernel writes no records: %u %% of the file system is free, it wants %u",
		    percent, KERNEL_FILE_FREE_MIN);
	else if (a->silent < SILENT_MAX)
		accounting_say(a, ACCT_LOST, "the kernel writes no records to our file");
	else
		accounting_gone(a);
}

/* For so long nobody looked: whatever held the collector, as a frozen file system does,
 * may have held the kernel too, which then writes no records and says nothing. */
static void stood_still(struct accounting *a, uint64_t late_ns)
{
	a->why = "not looked at";
	accounting_say(a, ACCT_LOST, "nobody looked for %u s: records may be missing, if the file system was frozen",
	    (unsigned)(late_ns / SECOND_NS) + a->cfg.canary_ms / 1000);
}

void accounting_probe(struct accounting *a)
{
	uint64_t now = clock_mono(), due = a->canary_due_ns;
	int r;

	a->canary_due_ns = now + a->cfg.canary_ms * MS_NS;
	if (a->taken)
		return;
	if (due != 0 && now - due >= STILL_NS && a->state == ACCT_ON) {
		stood_still(a, now - due);
		a->canary_due_ns = now + SECOND_NS;
		return;
	}
	r = accounting_canary(a);
	if (r < 0 || a->taken) /* no memory, no process: says nothing */
		return;
	if (r == 0) {
		silent(a);
		return;
	}
	a->silent = 0;
	a->proved_ns = clock_boot();
	judge(a);
}
