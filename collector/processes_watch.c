/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "processes_internal.h"

#define MS_NS UINT64_C(1000000)

static const char *const states[] = { [WATCH_BEGAN] = "start", [WATCH_ENDED] = "end",
	[WATCH_ABSENT] = "absent" };

static void store(struct processes *p, const struct watch_said *s)
{
	struct process_store *to = accounting_store(p->c->acct);
	struct process_record r = { .kind = PROCESS_WATCH, .read_wall_ns = clock_wall(),
		.start_ticks = s->start_ticks };
	struct process_watch body = { .state = (uint8_t)s->state, .pid = s->pid };

	memcpy(body.rule, s->rule->name, sizeof(s->rule->name));
	process_watch_put(r.body, &body);
	if (to != NULL && p->begun && process_store_append(to, &r) != 0)
		log_error("what is said of the rule %s cannot be stored", s->rule->name);
}

static void said(void *ctx, const struct watch_said *s)
{
	const struct conf_watch *rule = s->rule;
	const char *user = rule->user[0] != '\0' ? rule->user : "-";

	store(ctx, s);
	log_notice("watch: rule=%s state=%s command=%s user=%s life=%" PRIu32 ":%" PRIu64,
	    rule->name, states[s->state], rule->command, user, s->pid, s->start_ticks);
}

/* The name service is asked here, when a configuration is read, and nowhere else. */
static int uid_of(void *ctx, const char *user, uid_t *uid)
{
	const struct passwd *pw = getpwnam(user);
	char *end;
	unsigned long v;

	(void)ctx;
	if (pw != NULL) {
		*uid = pw->pw_uid;
		return 1;
	}
	errno = 0;
	v = strtoul(user, &end, 10);
	if (user[0] >= '0' && user[0] <= '9' && *end == '\0' && errno == 0 && v < UINT32_MAX) {
		*uid = (uid_t)v;
		return 1;
	}
	log_error("watch: there is no user %s; nothing is that user's", user);
	return 0;
}

void processes_watch_reread(struct processes *p)
{
	const struct watch_ops ops = { .said = said, .uid = uid_of, .ctx = p };
	const struct conf *c = &p->c->conf;
	int r = 0;

	if (watch_is(p->watch, c->watch, c->watches))
		return;
	watch_free(p->watch);
	p->watch = NULL;
	p->watch_ns = 0;
	if (c->watches > 0)
		r = watch_new(&p->watch, c->watch, c->watches, &ops, clock_boot());
	if (r != 0)
		log_error("the rules of watch cannot be followed: %s", err_text(r));
}

static void see(struct processes *p, const struct lives_ops *ops, pid_t pid)
{
	struct watch_sight s = { .pid = (uint32_t)pid };
	struct proc_stat st;
	struct proc_ids ids;

	if (ops->stat(ops->ctx, pid, &st) != 0 || st.state == 'Z' || st.state == 'X' ||
	    !watch_wants(p->watch, st.comm) || ops->ids(ops->ctx, pid, &ids) != 0)
		return;
	s.ppid = st.ppid > 0 ? (uint32_t)st.ppid : 0;
	s.start_ticks = st.start_ticks;
	s.uid = ids.uid;
	memcpy(s.comm, st.comm, sizeof(s.comm));
	watch_seen(p->watch, &s, clock_boot());
}

static void look(struct processes *p)
{
	const uint32_t *pids;
	struct lives_ops ops;
	long n;

	processes_proc_ops(p, &ops);
	n = ops.pids(ops.ctx, &pids);
	if (n < 0) {
		log_error("/proc cannot be looked at: %s", err_text((int)n));
		return;
	}
	watch_look(p->watch);
	for (long i = 0; i < n; i++)
		see(p, &ops, (pid_t)pids[i]);
	watch_looked(p->watch, clock_boot());
}

int processes_watch_turn(struct processes *p)
{
	uint64_t now = clock_mono();
	int wait, until_look;

	if (p->watch == NULL)
		return -1;
	if (now >= p->watch_ns) {
		look(p);
		p->watch_ns = now + WATCH_LOOK_NS;
	}
	wait = watch_turn(p->watch, clock_boot());
	until_look = (int)((p->watch_ns - now + MS_NS - 1) / MS_NS);
	return wait >= 0 && wait < until_look ? wait : until_look;
}

void processes_watch_life(struct processes *p, const struct life *f, uint64_t boot_ns)
{
	struct watch_sight s = { .pid = f->pid, .ppid = f->ppid, .start_ticks = f->start_ticks,
		.uid = f->uid };

	if (p->watch == NULL || (!watch_wants(p->watch, f->comm) && !watch_has(p->watch, f->pid)))
		return;
	memcpy(s.comm, f->comm, sizeof(s.comm));
	watch_seen(p->watch, &s, boot_ns);
}

/* A record without a start may be that of an earlier life of the pid. */
void processes_watch_ended(struct processes *p, uint32_t pid, uint64_t start_ticks)
{
	struct proc_stat st;

	if (p->watch == NULL || !watch_has(p->watch, pid))
		return;
	if (start_ticks == 0 && procfs_stat((pid_t)pid, &st) == 0 && st.state != 'Z' &&
	    st.state != 'X')
		return;
	watch_ended(p->watch, pid, start_ticks, clock_boot());
}

json_t *processes_watched(const struct processes *p)
{
	return watch_status(p->watch);
}
