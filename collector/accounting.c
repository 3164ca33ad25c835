/* SPDX-License-Identifier: ISC */
#include "accounting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"
#include "io.h"
#include "log.h"

#define COALESCE_NS UINT64_C(10000000)
#define RETRY_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)
#define CANARY_MS 10000
#define RETAKE_MS 10000

int accounting_new(struct accounting **out, const struct accounting_config *cfg)
{
	struct accounting *a = calloc(1, sizeof(*a));
	int r;

	if (a == NULL)
		return -ENOMEM;
	a->cfg = *cfg;
	if (cfg->canary_ms == 0)
		a->cfg.canary_ms = CANARY_MS;
	if (cfg->retake_ms == 0)
		a->cfg.retake_ms = RETAKE_MS;
	a->dir_fd = a->cur.fd = a->epoll_fd = a->inotify_fd = a->watch = -1;
	snprintf(a->reason, sizeof(a->reason), "%s", cfg->own ? "not started" : "off by configuration");
	if ((r = accounting_join(a)) != 0)
		goto fail;
	if ((r = io_make_dir(cfg->store_fd, "process", 0700)) < 0)
		goto fail;
	a->dir_fd = r;
	*out = a;
	return 0;
fail:
	accounting_free(a);
	return r;
}

void accounting_free(struct accounting *a)
{
	if (a == NULL)
		return;
	process_store_close(a->store);
	join_free(a->join);
	free(a->done);
	kernel_file_close(&a->cur);
	if (a->epoll_fd >= 0)
		close(a->epoll_fd);
	if (a->inotify_fd >= 0)
		close(a->inotify_fd);
	if (a->dir_fd >= 0)
		close(a->dir_fd);
	free(a);
}

int accounting_expect_keeper(struct accounting *a, pid_t pid, uint64_t start_ticks)
{
	return pid > 0 ? join_add_keeper(a->join, JOIN_UNKNOWN, pid, start_ticks, 0, 0) : -EINVAL;
}

int accounting_add_keeper(struct accounting *a, uint64_t n, pid_t pid, uint64_t start_ticks,
    uint32_t tty_dev)
{
	int running = a->cur.fd >= 0 && !a->taken;

	if (pid <= 0 || n == 0)
		return -EINVAL;
	/* records of earlier lives of the pid are behind us then */
	if (running && accounting_take(a) != 0)
		running = 0;
	return join_add_keeper(a->join, n, pid, start_ticks, tty_dev, running);
}

static void look_around(struct accounting *a)
{
	char self[16], link[16] = "";
	struct proc_stat two;
	ssize_t n = readlink("/proc/self", link, sizeof(link) - 1);

	a->self = getpid();
	snprintf(self, sizeof(self), "%d", (int)a->self);
	a->proc_is_ours = n > 0 && strcmp(self, link) == 0;
	a->kthreads = procfs_stat(2, &two) == 0 && two.ppid == 0 &&
	    strcmp(two.comm, "kthreadd") == 0;
}

static int open_events(struct accounting *a)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };

	a->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	a->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (a->inotify_fd < 0 || a->epoll_fd < 0 ||
	    epoll_ctl(a->epoll_fd, EPOLL_CTL_ADD, a->inotify_fd, &ev) != 0)
		return -errno;
	return 0;
}

/* Pushes what is left in kernel file k of an earlier run. */
static int take_leftover(struct accounting *a, uint32_t k)
{
	struct process_record last;
	struct kernel_file f;
	int have = process_store_last(a->store, &last);
	int r = kernel_file_open(&f, a->dir_fd, k);

	if (r != 0)
		return r;
	a->own_marker = 0; /* that of the last file counts */
	/* records are stored in order: files before the last record's are done */
	if (have && k == last.kernel_file)
		r = accounting_skip(a, &f, &last);
	if (r == 0 && !(have && k < last.kernel_file))
		r = accounting_pump(a, &f);
	if (r == 0)
		r = accounting_done(a, &f);
	kernel_file_close(&f);
	return r;
}

static int take_leftovers(struct accounting *a, const uint32_t *ks, size_t count)
{
	int r = 0;

	a->leftovers = 1;
	for (size_t i = 0; i < count && r == 0; i++)
		r = take_leftover(a, ks[i]);
	a->leftovers = 0;
	return r;
}

/* What stands there is of an earlier boot: the kernel no longer writes to it, and
 * its records go to a segment of that boot. */
static int take_other_boot(struct accounting *a, const uint32_t *ks, size_t count)
{
	int r;

	join_other_boot(a->join, 1);
	if ((r = take_leftovers(a, ks, count)) == 0 && (r = accounting_settle(a)) == 0)
		r = accounting_sync(a);
	join_other_boot(a->join, 0);
	return r;
}

static uint32_t next_number(const struct accounting *a, const uint32_t *ks, size_t count)
{
	struct process_record last = { 0 };
	uint32_t k = count > 0 ? ks[count - 1] : 0;

	if (process_store_last(a->store, &last) && last.kernel_file > k)
		k = last.kernel_file;
	return k + 1;
}

/* A segment of this boot stands in the store before the first kernel file of this
 * boot does: so files found under an older segment are that boot's. */
static int take_over(struct accounting *a, const uint32_t *ks, size_t count)
{
	uint32_t k = next_number(a, ks, count);
	struct accounting_before before;
	int r;

	if (process_store_other_boot(a->store, a->boot_id)) {
		if ((r = take_other_boot(a, ks, count)) != 0)
			return r;
		count = 0;
	}
	a->own_marker = 0;
	accounting_before(&before);
	if ((r = process_store_begin(a->store, a->boot_id)) != 0 ||
	    (r = accounting_next(a, k)) != 0)
		return r;
	accounting_after(&before);
	join_keepers_outer(a->join);
	r = take_leftovers(a, ks, count);
	accounting_gap_started(a, a->own_marker);
	if (r != 0 || (r = accounting_take(a)) != 0)
		return r;
	join_keepers_exact(a->join);
	return accounting_sync(a);
}

static int start(struct accounting *a)
{
	uint32_t *ks = NULL;
	size_t count = 0;
	int r;

	if ((r = kernel_file_permitted()) != 0 || (r = procfs_boot_id(a->boot_id)) != 0 ||
	    (r = open_events(a)) != 0 || (r = process_store_open(&a->store, a->dir_fd)) != 0 ||
	    (r = kernel_file_list(a->dir_fd, &ks, &count)) != 0)
		return r;
	accounting_digest_open(a);
	if (a->cfg.opened != NULL)
		a->cfg.opened(a->cfg.ctx, a->store);
	r = take_over(a, ks, count);
	free(ks);
	return r;
}

int accounting_start(struct accounting *a)
{
	int r;

	if (!a->cfg.own)
		return 0;
	look_around(a);
	r = start(a);
	if (r != 0 && a->cur.fd < 0) {
		snprintf(a->reason, sizeof(a->reason), "%s",
		    r == -EPERM ? "off: needs CAP_SYS_PACCT" :
		    r == -ENOSYS ? "off: this kernel has no process accounting" : err_text(r));
		return r;
	}
	a->took_ns = clock_mono();
	a->proved_ns = clock_boot();
	if (r != 0)
		accounting_say(a, ACCT_ON, "what an earlier run left is not all taken in: %s",
		    err_text(r));
	else
		accounting_say(a, ACCT_ON, "%s", "");
	accounting_probe(a);
	accounting_take(a);
	return 0;
}

int accounting_fd(const struct accounting *a)
{
	return a->cur.fd >= 0 ? a->epoll_fd : -1;
}

static uint64_t due_ns(const struct accounting *a)
{
	if (a->dirty)
		return a->read_at_ns + (a->write_failed != 0 ? RETRY_NS : COALESCE_NS);
	return a->taken ? a->retake_due_ns : a->canary_due_ns;
}

int accounting_timeout_ms(const struct accounting *a)
{
	uint64_t now = clock_mono();
	uint64_t due = due_ns(a);

	if (a->cur.fd < 0 || (a->taken && due == 0))
		return -1;
	return due <= now ? 0 : (int)((due - now + MS_NS - 1) / MS_NS);
}

/* Is it still ours?  1 if that was looked at: what it pushed is to be settled. */
static int look_after(struct accounting *a, uint64_t now)
{
	if (a->taken)
		accounting_retake(a);
	else if (now >= a->canary_due_ns)
		accounting_probe(a);
	else
		return 0;
	return 1;
}

/* Else the kernel would begin a new file suspended. */
static int has_room(const struct accounting *a)
{
	return kernel_file_free_percent(a->dir_fd) >= KERNEL_FILE_FREE_MIN;
}

void accounting_turn(struct accounting *a)
{
	struct epoll_event ev;
	uint64_t now = clock_mono();

	if (a->cur.fd < 0)
		return;
	if (epoll_wait(a->epoll_fd, &ev, 1, 0) > 0)
		a->dirty = 1;
	if (!look_after(a, now) && (!a->dirty || now < due_ns(a)))
		return;
	accounting_guard(a);
	if (accounting_take(a) != 0 || a->taken)
		return;
	accounting_strangers(a);
	if (a->cur.off >= a->cfg.rotate_bytes && now >= a->rotate_after_ns &&
	    has_room(a) && accounting_rotate(a) == 0 && accounting_take(a) == 0)
		accounting_sync(a);
}

void accounting_drain(struct accounting *a)
{
	if (a->cur.fd < 0)
		return;
	accounting_guard(a);
	if (accounting_take(a) == 0)
		accounting_sync(a);
}

/* Who asks for it has ended what it was taken away by. */
static void retake_now(struct accounting *a)
{
	a->fights = 0;
	a->retake_due_ns = clock_mono();
	accounting_retake(a);
}

void accounting_rotate_now(struct accounting *a)
{
	int r;

	if (a->cur.fd < 0)
		return;
	accounting_guard(a);
	if (a->taken && !a->cfg.leave)
		retake_now(a);
	if (accounting_take(a) != 0)
		return;
	if (!a->taken && has_room(a) && accounting_rotate(a) != 0)
		return;
	if (accounting_take(a) != 0 || accounting_sync(a) != 0)
		return;
	if ((r = process_store_next(a->store)) != 0)
		log_error("process records: the segment cannot be closed: %s", err_text(r));
}

uint64_t accounting_commands(const struct accounting *a, uint64_t n)
{
	return join_commands(a->join, n);
}

json_t *accounting_status(const struct accounting *a)
{
	static const char *const name[] = { [ACCT_OFF] = "off", [ACCT_ON] = "on", [ACCT_LOST] = "lost" };
	char file[KERNEL_FILE_NAME_MAX] = "";

	if (a->cur.fd >= 0)
		kernel_file_name(file, a->cur.k);
	return json_pack("{ss ss sI sI sI sI sI ss sI sI sI sI sI sI sI sI sI sI sI}",
	    "state", name[a->state],
	    "reason", a->reason,
	    "records", (json_int_t)a->records,
	    "in_sessions", (json_int_t)a->in_sessions,
	    "broken", (json_int_t)a->broken,
	    "pending", (json_int_t)join_pending(a->join),
	    "rotations", (json_int_t)a->rotations,
	    "kernel_file", file,
	    "segment", (json_int_t)(a->store != NULL ? process_store_segment(a->store) : 0),
	    "torn", (json_int_t)(a->store != NULL ? process_store_torn(a->store) : 0),
	    "resyncs", (json_int_t)a->resyncs,
	    "skipped_bytes", (json_int_t)a->skipped,
	    "foreign_markers", (json_int_t)a->foreign_markers,
	    "unmarked", (json_int_t)a->unmarked,
	    "unreadable", (json_int_t)a->unreadable,
	    "mismatches", (json_int_t)a->mismatches,
	    "gaps", (json_int_t)a->gaps,
	    "retaken", (json_int_t)a->retaken,
	    "canaries", (json_int_t)a->canaries);
}

/* 1 if it was ours and is off now. */
static int give_back(struct accounting *a)
{
	int ours = a->taken ? 0 : accounting_canary(a);

	if (ours != 1 || a->taken)
		return ours < 0 ? ours : 0;
	if (acct(NULL) != 0)
		return -errno;
	return 1;
}

int accounting_stop(struct accounting *a)
{
	int ours, r;

	if (a->cur.fd < 0)
		return -ESRCH;
	accounting_take(a);
	ours = give_back(a);
	accounting_gap_stopped(a);
	r = accounting_take(a);
	/* neither ours nor taken: the kernel may be writing to it again later */
	if (r == 0 && (ours == 1 || a->taken))
		r = accounting_done(a, &a->cur);
	if (r == 0)
		r = accounting_sync(a);
	kernel_file_close(&a->cur);
	a->state = ACCT_OFF;
	snprintf(a->reason, sizeof(a->reason), "%s", "stopped");
	return ours < 0 || r == 0 ? ours : r;
}
