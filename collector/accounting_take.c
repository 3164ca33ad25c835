/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"

/* How far ahead a parent's record is looked for in what an absent collector left,
 * twice: that many are settled at a time.  16 MiB. */
#define WINDOW 131072
#define BUSY 4   /* records at once that are a storm */
#define ROUNDS 8 /* of looking at the living and reading on */

static int is_marker(const struct accounting *a, const struct acct_record *r)
{
	struct acct_record any_parent = *r;

	if (!a->kthreads)
		any_parent.ppid = 1;
	return acct_record_is_marker(&any_parent);
}

static void got_marker(struct accounting *a, const struct acct_record *r)
{
	if (r->pid == (uint32_t)a->self) {
		a->own_marker = 1;
	} else if (!a->leftovers) {
		a->foreign_markers++;
		accounting_taken(a, r);
	}
}

static int is_canary(const struct accounting *a, const struct acct_record *r)
{
	return a->canary != 0 && r->pid == (uint32_t)a->canary && r->ppid == (uint32_t)a->self &&
	    (r->flags & ACCT_F_FORK);
}

struct source {
	struct accounting *a;
	uint32_t k;
};

static int got(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE])
{
	struct source *src = ctx;
	struct accounting *a = src->a;
	struct acct_record r;
	int e;

	if (acct_record_parse(raw, &r) != 0) {
		a->unreadable++;
		return 0;
	}
	if (is_marker(a, &r)) {
		got_marker(a, &r);
		return 0;
	}
	if (is_canary(a, &r)) {
		a->canary_seen = 1;
		a->canary = 0;
		return 0;
	}
	if ((e = join_push(a->join, &r, raw, src->k, place)) != 0)
		return e;
	a->records++;
	return 0;
}

/* Reads up to the file's end for now, or room records; the join learns when. */
static ssize_t read_some(struct accounting *a, struct kernel_file *f, size_t room)
{
	struct source src = { .a = a, .k = f->k };
	uint64_t mono = clock_mono(), boot = clock_boot();
	ssize_t n = kernel_file_read(f, room, got, &src);

	join_read(a->join, f->seen_ns, clock_mono(), f->seen_boot_ns, clock_boot());
	if (n >= 0 && (size_t)n < room) {
		f->seen_ns = mono;
		f->seen_boot_ns = boot;
	}
	return n;
}

int accounting_pump(struct accounting *a, struct kernel_file *f)
{
	uint64_t resyncs = f->resyncs, skipped = f->skipped;
	ssize_t n;
	size_t room;
	int r = 0;

	for (;;) {
		if (join_pending(a->join) >= WINDOW && ((r = join_look(a->join)) < 0 ||
		    (r = join_settle(a->join, WINDOW / 2, clock_wall())) != 0))
			break;
		room = WINDOW - join_pending(a->join);
		n = read_some(a, f, room);
		r = n < 0 ? (int)n : 0;
		if (n < 0 || (size_t)n < room)
			break;
	}
	a->resyncs += f->resyncs - resyncs;
	a->skipped += f->skipped - skipped;
	return r;
}

static void write_result(struct accounting *a, int r)
{
	if (r != 0 && !a->write_failed)
		accounting_say(a, a->state, UNWRITTEN, err_text(r));
	else if (r == 0 && a->write_failed)
		a->canary_due_ns = 0; /* which says how things stand now */
	a->write_failed = r;
}

int accounting_settle(struct accounting *a)
{
	int r = 0;

	for (int round = 0; round < ROUNDS; round++) {
		if ((r = join_look(a->join)) <= 0)
			break;
		if (a->cur.fd >= 0 && (r = accounting_pump(a, &a->cur)) != 0)
			return r;
	}
	if (r > 0) /* what the last round pushed has not been looked at */
		r = join_look(a->join);
	if (r >= 0)
		r = join_settle(a->join, SIZE_MAX, clock_wall());
	if (r == 0)
		r = process_store_flush(a->store);
	write_result(a, r);
	return r;
}

int accounting_take(struct accounting *a)
{
	uint64_t before = a->records;
	int was_busy = a->busy;
	int r;

	if (a->cur.fd < 0)
		return 0;
	/* In a storm the next look is due before a wake-up would say anything new. */
	if (!was_busy)
		accounting_rearm(a);
	a->dirty = 0;
	r = accounting_pump(a, &a->cur);
	if (r == 0)
		r = accounting_settle(a);
	a->read_at_ns = clock_mono();
	a->busy = a->records - before >= BUSY;
	if (r != 0 || a->busy || was_busy)
		a->dirty = 1;
	return r;
}

struct skipping {
	const struct process_record *last;
	int same;
};

static int skip(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE])
{
	struct skipping *s = ctx;

	if (place == s->last->place)
		s->same = memcmp(raw, s->last->body, ACCT_SIZE) == 0;
	return 0;
}

int accounting_skip(struct accounting *a, struct kernel_file *f, const struct process_record *last)
{
	struct skipping s = { .last = last };
	ssize_t n = kernel_file_read(f, (size_t)last->place + 1, skip, &s);

	if (n < 0)
		return (int)n;
	if (s.same)
		return 0;
	/* it was cut while nobody looked: what stands there now is new */
	a->mismatches++;
	f->off = 0;
	f->adrift = 0;
	return 0;
}

int accounting_done(struct accounting *a, const struct kernel_file *f)
{
	enum kernel_file_state is = kernel_file_check(f, a->dir_fd);
	uint32_t *more;

	if (is == KERNEL_FILE_REMOVED || is == KERNEL_FILE_REPLACED)
		return 0;
	if ((more = reallocarray(a->done, a->dones + 1, sizeof(*more))) == NULL)
		return -ENOMEM;
	a->done = more;
	a->done[a->dones++] = f->k;
	return 0;
}

int accounting_sync(struct accounting *a)
{
	char name[KERNEL_FILE_NAME_MAX];
	int r;

	if (a->store == NULL)
		return 0;
	r = process_store_sync(a->store);
	if (r != 0 || join_pending(a->join) > 0)
		return r;
	for (size_t i = 0; i < a->dones; i++)
		unlinkat(a->dir_fd, kernel_file_name(name, a->done[i]), 0);
	a->dones = 0;
	return 0;
}

static int emit(void *ctx, const struct process_record *r)
{
	struct accounting *a = ctx;
	int e = process_store_append(a->store, r);

	if (e != 0)
		return e;
	a->in_sessions += r->session != 0;
	a->broken += r->reason == REASON_BROKEN;
	if (a->cfg.stored != NULL)
		a->cfg.stored(a->cfg.ctx, r);
	return 0;
}

static int stat_of(void *ctx, pid_t pid, struct proc_stat *s)
{
	struct accounting *a = ctx;

	return a->proc_is_ours ? procfs_stat(pid, s) : -ESRCH;
}

static int64_t start_wall(void *ctx, uint64_t start_ticks)
{
	int64_t boot_s = (clock_wall() - (int64_t)clock_boot()) / 1000000000;

	(void)ctx;
	return boot_s + (int64_t)(start_ticks / (uint64_t)sysconf(_SC_CLK_TCK));
}

static int life_of(void *ctx, const struct acct_record *r, struct life *out, int *in_doubt)
{
	struct accounting *a = ctx;

	return a->cfg.life != NULL ? a->cfg.life(a->cfg.ctx, r, out, in_doubt) : 0;
}

static void now(void *ctx)
{
	struct accounting *a = ctx;

	if (a->cfg.now != NULL)
		a->cfg.now(a->cfg.ctx);
}

int accounting_join(struct accounting *a)
{
	struct join_ops ops = { .life = life_of, .now = now, .stat = stat_of,
		.start_wall = start_wall, .emit = emit, .ctx = a };

	return join_new(&a->join, &ops);
}
