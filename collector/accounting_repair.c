/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"
#include "escape.h"
#include "log.h"

#define SECOND_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)
#define ROTATE_AGAIN_NS (10 * SECOND_NS)
#define SAID_FOR_NS SECOND_NS /* how long at least what was repaired at once is said */

/* Two owners would take it from each other for ever: each waits 10 s, then 20 s, 40 s,
 * ... and gives up; an hour that nobody disputes ends the count. */
#define RETAKES_MAX 8
#define PEACE_NS (3600 * SECOND_NS)

/* When to take it back: 0 for never. */
static uint64_t retake_due(struct accounting *a)
{
	uint64_t now = clock_mono(), due;

	if (a->cfg.leave)
		return 0;
	if (now - a->took_ns > PEACE_NS)
		a->fights = 0;
	if (a->fights == RETAKES_MAX)
		return 0;
	due = a->took_ns + (a->cfg.retake_ms * MS_NS << a->fights);
	return due > now ? due : now;
}

void accounting_policy(struct accounting *a, int leave)
{
	a->cfg.leave = leave;
	if (a->taken)
		a->retake_due_ns = retake_due(a);
}

static const char *intent(const struct accounting *a)
{
	if (a->retake_due_ns != 0)
		return "it is taken back";
	return a->cfg.leave ? "it is left so, as acct_lost says" :
	    "it is left so: somebody takes it again and again";
}

void accounting_taken(struct accounting *a, const struct acct_record *r)
{
	char comm[4 * ACCT_COMM + 8];

	escape_bytes(comm, sizeof(comm), r->comm, strnlen(r->comm, ACCT_COMM));
	a->taken = 1;
	a->retake_due_ns = retake_due(a);
	a->why = "taken";
	a->proved_ns = clock_boot(); /* up to that record all is there */
	accounting_say(a, ACCT_LOST, "taken over or turned off by process %u (uid %u, %s); %s",
	    r->pid, r->uid, comm, intent(a));
}

void accounting_gone(struct accounting *a)
{
	a->retake_due_ns = retake_due(a);
	a->taken = a->retake_due_ns != 0; /* else canaries go on: it may come back */
	accounting_say(a, ACCT_LOST, "the kernel writes no records to our file; %s", intent(a));
}

int accounting_next(struct accounting *a, uint32_t k)
{
	char name[KERNEL_FILE_NAME_MAX];
	struct kernel_file next;
	int r = kernel_file_create(&next, a->dir_fd, k);

	if (r != 0)
		return r;
	if ((r = kernel_file_take(&next)) != 0) {
		unlinkat(a->dir_fd, kernel_file_name(name, k), 0);
		kernel_file_close(&next);
		return r;
	}
	a->cur = next;
	return accounting_watch(a);
}

/* To the next kernel file; the rest of the one before is read.  0, or negative: with
 * a->cur as it was where no file could be taken. */
static int switch_file(struct accounting *a)
{
	struct kernel_file old = a->cur;
	int r, read;

	a->own_marker = 0;
	if ((r = accounting_next(a, old.k + 1)) != 0 && a->cur.k == old.k)
		return r;
	read = accounting_pump(a, &old);
	if (read == 0)
		read = accounting_done(a, &old);
	kernel_file_close(&old);
	a->dirty = 1;
	return read != 0 ? read : r;
}

int accounting_rotate(struct accounting *a)
{
	uint32_t k = a->cur.k;
	int r = switch_file(a);

	a->rotate_failed = a->cur.k == k ? r : 0;
	a->rotate_after_ns = a->rotate_failed != 0 ? clock_mono() + ROTATE_AGAIN_NS : 0;
	if (a->rotate_failed != 0) {
		accounting_say(a, a->state, "kernel file %u cannot be rotated: %s", k, err_text(r));
		return r;
	}
	a->rotations++;
	a->unmarked += a->own_marker ? 0 : 1;
	return r;
}

void accounting_retake(struct accounting *a)
{
	uint32_t k = a->cur.k;
	uint64_t now = clock_mono();
	int r;

	if (!a->taken || a->retake_due_ns == 0 || now < a->retake_due_ns)
		return;
	a->retake_due_ns = now + a->cfg.retake_ms * MS_NS;
	r = switch_file(a);
	if (a->cur.k == k) {
		accounting_say(a, ACCT_LOST, "it cannot be taken back: %s", err_text(r));
		return;
	}
	a->taken = a->silent = 0;
	a->took_ns = now;
	a->fights++;
	a->retaken++;
	a->canary_due_ns = now + SAID_FOR_NS;
	log_info("process accounting: taken back");
}

static void was_cut(struct accounting *a)
{
	a->why = "file cut";
	accounting_say(a, ACCT_LOST, "kernel file %u was cut by someone: records may be missing",
	    a->cur.k);
	kernel_file_restart(&a->cur);
	if (accounting_canary(a) == 1 && !a->taken)
		accounting_rotate(a);
	a->canary_due_ns = clock_mono() + SAID_FOR_NS;
}

/* The kernel goes on writing to it, and we read it: nothing is lost. */
static void was_moved(struct accounting *a, const char *how)
{
	if (clock_mono() < a->rotate_after_ns)
		return;
	a->rotate_after_ns = clock_mono() + ROTATE_AGAIN_NS;
	accounting_say(a, a->state, "kernel file %u was %s by someone; there is a new one", a->cur.k,
	    how);
	if (accounting_canary(a) == 1 && !a->taken)
		accounting_rotate(a);
	a->canary_due_ns = clock_mono() + SAID_FOR_NS;
}

void accounting_strangers(struct accounting *a)
{
	if (a->resyncs == a->resyncs_said)
		return;
	a->resyncs_said = a->resyncs;
	accounting_say(a, a->state, "someone wrote to kernel file %u: foreign bytes are left out",
	    a->cur.k);
	a->canary_due_ns = clock_mono() + SAID_FOR_NS;
}

void accounting_guard(struct accounting *a)
{
	if (a->taken)
		return;
	switch (kernel_file_check(&a->cur, a->dir_fd)) {
	case KERNEL_FILE_FINE:
		break;
	case KERNEL_FILE_SHORT:
		was_cut(a);
		break;
	case KERNEL_FILE_REMOVED:
		was_moved(a, "removed");
		break;
	case KERNEL_FILE_REPLACED:
		was_moved(a, "replaced");
		break;
	}
}
