/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "coverage_said.h"
#include "events.h"
#include "io.h"
#include "processes_internal.h"

#define DEPTH_MAX 64 /* ancestors looked at where there is no tree */

int processes_ours(const struct processes *p, uint32_t uid)
{
	return p->c->acct_on || geteuid() == 0 || uid == geteuid();
}

void processes_sight(struct processes *p, const struct sight *s)
{
	if (processes_ours(p, s->uid))
		coverage_seen(p->coverage, s);
}

static int stat_of(void *ctx, pid_t pid, struct proc_stat *s)
{
	(void)ctx;
	return procfs_stat(pid, s);
}

static int ids_of(void *ctx, pid_t pid, struct proc_ids *ids)
{
	(void)ctx;
	return procfs_ids(pid, ids);
}

static int is_roots(void *ctx, pid_t pid)
{
	char path[64];
	struct stat st;

	(void)ctx;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return stat(path, &st) == 0 && st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static long pids_of(void *ctx, const uint32_t **out)
{
	struct processes *p = ctx;
	struct dirent *e;
	size_t n = 0;
	long r = 0;
	DIR *d = opendir("/proc");

	if (d == NULL)
		return -errno;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		r = array_room(&p->pids, n, &p->pid_room, sizeof(*p->pids));
		if (r == 0)
			p->pids[n++] = (uint32_t)strtoul(e->d_name, NULL, 10);
	}
	closedir(d);
	*out = p->pids;
	return r != 0 ? r : (long)n;
}

void processes_proc_ops(struct processes *p, struct lives_ops *ops)
{
	*ops = (struct lives_ops){ .stat = stat_of, .pids = pids_of, .ids = ids_of,
		.is_roots = is_roots, .ctx = p };
}

/* Of one that lives, by its ancestors of now: fills in session and origin. */
static void climb(const struct processes *p, struct sight *s)
{
	uint32_t pid = s->pid;
	struct proc_stat st;

	s->origin = ORIGIN_UNKNOWN;
	for (int i = 0; i < DEPTH_MAX && pid != 0; i++) {
		if (procfs_stat((pid_t)pid, &st) != 0)
			return;
		s->session = accounting_keeper_of(p->c->acct, pid, st.start_ticks);
		if (s->session != 0)
			return;
		if (i > 0 && s->origin == ORIGIN_UNKNOWN &&
		    lives_origin_of(st.comm) != ORIGIN_NOT_SAID)
			s->origin = lives_origin_of(st.comm);
		pid = st.ppid > 0 ? (uint32_t)st.ppid : 0;
	}
}

static uint64_t session_of(void *ctx, uint32_t pid, uint64_t start_ticks)
{
	const struct processes *p = ctx;
	struct sight s = { .pid = pid };
	const struct life *f;

	if (p->lives != NULL) {
		f = lives_get(p->lives, pid);
		return f != NULL && f->start_ticks == start_ticks &&
		    f->reason != REASON_LEAD_IN ? f->session : 0;
	}
	climb(p, &s);
	return s.session;
}

static void row(void *ctx, const struct process_record *r, const struct process_terminal *t)
{
	struct processes *p = ctx;
	struct process_store *s = accounting_store(p->c->acct);
	struct process_record full = *r;

	full.kind = PROCESS_TERMINAL;
	full.read_wall_ns = clock_wall();
	process_terminal_put(full.body, t);
	if (s != NULL && process_store_append(s, &full) == 0)
		process_store_flush(s);
	coverage_said(p->c->ledger, r, t);
	events_unrecorded(p->c->events, r, t);
}

int processes_front_program(const struct processes *p, pid_t pid, dev_t *dev, ino_t *ino)
{
	struct proc_ids ids;
	int r = procfs_ids(pid, &ids);

	if (r == 0 && ids.euid != p->c->recorder_uid)
		r = -EPERM;
	return r == 0 ? procfs_program(pid, dev, ino) : r;
}

static int is_front(void *ctx, const struct coverage_front *f)
{
	struct proc_stat s;
	dev_t dev;
	ino_t ino;

	return procfs_stat((pid_t)f->pid, &s) == 0 && s.start_ticks == f->start_ticks &&
	    processes_front_program(ctx, (pid_t)f->pid, &dev, &ino) == 0 && dev == f->dev &&
	    ino == f->ino;
}

int processes_coverage(struct processes *p)
{
	const struct coverage_ops ops = { .row = row, .session = session_of, .is_front = is_front,
		.ctx = p };

	return coverage_new(&p->coverage, &ops);
}

static int kin_of_life(void *ctx, uint32_t pid, struct coverage_kin *out)
{
	const struct processes *p = ctx;
	const struct life *f = lives_get(p->lives, pid);

	if (f == NULL)
		return -ESRCH;
	*out = (struct coverage_kin){ .pid = pid, .ppid = f->ppid, .sid = f->sid, .uid = f->uid };
	memcpy(out->comm, f->comm, sizeof(out->comm));
	return 0;
}

void processes_saw_life(struct processes *p, const struct life *f, uint64_t boot_ns, int ended)
{
	struct sight s = { .pid = f->pid, .sid = f->sid, .start_ticks = f->start_ticks,
		.tty_dev = f->tty_dev, .uid = f->uid, .session = f->session, .origin = f->origin,
		.reason = f->reason, .ended = ended ? 1 : 0, .boot_ns = boot_ns };
	const struct life *leader;
	struct coverage_kin kin;

	if (!p->begun)
		return;
	if (ended)
		processes_watch_ended(p, f->pid, f->start_ticks);
	else
		processes_watch_life(p, f, boot_ns);
	memcpy(s.comm, f->comm, sizeof(s.comm));
	leader = f->sid != 0 ? lives_get(p->lives, f->sid) : NULL;
	if (leader != NULL && leader->sid == f->sid && leader->start_ticks <= f->start_ticks)
		s.sid_start = leader->start_ticks;
	if (s.tty_dev == 0 && s.session == 0 && kin_of_life(p, f->pid, &kin) == 0)
		s.login = coverage_is_login(&kin, kin_of_life, p) ? 1 : 0;
	processes_sight(p, &s);
}

static int kin_of_proc(void *ctx, uint32_t pid, struct coverage_kin *out)
{
	struct proc_stat st;
	struct proc_ids ids;

	(void)ctx;
	if (procfs_stat((pid_t)pid, &st) != 0 || procfs_ids((pid_t)pid, &ids) != 0)
		return -ESRCH;
	*out = (struct coverage_kin){ .pid = pid, .ppid = st.ppid > 0 ? (uint32_t)st.ppid : 0,
		.sid = st.session > 0 ? (uint32_t)st.session : 0, .uid = ids.uid };
	memcpy(out->comm, st.comm, sizeof(out->comm));
	return 0;
}

static void look_at(struct processes *p, uint32_t pid)
{
	struct sight s = { .pid = pid, .boot_ns = clock_boot() };
	struct proc_stat st, leader;
	struct coverage_kin kin;

	if (procfs_stat((pid_t)pid, &st) != 0 || st.state == 'Z' || st.state == 'X' ||
	    kin_of_proc(p, pid, &kin) != 0)
		return;
	s.start_ticks = st.start_ticks;
	s.sid = kin.sid;
	s.tty_dev = st.tty_dev;
	s.uid = kin.uid;
	memcpy(s.comm, st.comm, sizeof(s.comm));
	if (s.sid != 0 && procfs_stat((pid_t)s.sid, &leader) == 0)
		s.sid_start = leader.start_ticks;
	if (s.tty_dev == 0)
		s.login = coverage_is_login(&kin, kin_of_proc, p) ? 1 : 0;
	if (s.tty_dev == 0 && !s.login && !coverage_is_sshd(s.comm))
		return;
	climb(p, &s);
	processes_sight(p, &s);
}

static int saw(void *ctx, const struct life *f)
{
	processes_saw_life(ctx, f, clock_boot(), 0);
	return 0;
}

static int look_at_leader(void *ctx, const struct life *f)
{
	struct life now = *f;
	struct proc_stat st;

	if (f->session != 0 || f->pid != f->sid || f->tty_dev != 0 || f->exited ||
	    procfs_stat((pid_t)f->pid, &st) != 0 || st.start_ticks != f->start_ticks ||
	    st.tty_dev == 0)
		return 0;
	now.tty_dev = st.tty_dev;
	processes_saw_life(ctx, &now, clock_boot(), 0);
	return 0;
}

void processes_look_at_leaders(struct processes *p)
{
	lives_each(p->lives, look_at_leader, p);
}

void processes_look(struct processes *p)
{
	const uint32_t *pids;
	long n;

	if (p->lives != NULL) {
		lives_each(p->lives, saw, p);
		coverage_looked(p->coverage, clock_boot());
		return;
	}
	n = pids_of(p, &pids);
	for (long i = 0; i < n; i++)
		look_at(p, pids[i]);
	if (n >= 0)
		coverage_looked(p->coverage, clock_boot());
}
