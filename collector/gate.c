/* SPDX-License-Identifier: ISC */
#include "gate.h"

#include <errno.h>
#include <unistd.h>

#include "clock.h"
#include "dispatcher.h"
#include "frame.h"
#include "ledger.h"
#include "log.h"
#include "message.h"
#include "procfs.h"
#include "session.h"
#include "tty_name.h"

#define MAJOR(dev) ((dev) >> 20)
#define MINOR(dev) ((dev) & 0xfffff)

int gate_is_console(uid_t uid, uint32_t tty_dev)
{
	return uid == 0 && tty_is_console(MAJOR(tty_dev), MINOR(tty_dev));
}

static int is_console(const struct peer_id *p)
{
	struct proc_stat st;

	return p->uid == 0 && procfs_stat(p->pid, &st) == 0 && gate_is_console(p->uid, st.tty_dev);
}

/* Nobody but root may have so many that others get none. */
static int has_too_many(const struct collector *c, const struct quota_user *u)
{
	uid_t uid = u->uid;

	return uid != 0 && uid != geteuid() && u->live >= (c->conf.max_sessions + 1) / 2;
}

void gate_look(struct collector *c, uint64_t now_ns)
{
	space_look(&c->space, &c->conf, now_ns);
	if (c->space.state == c->space_said)
		return;
	c->space_said = c->space.state;
	dispatcher_room(c->dispatcher);
	ledger_fail(c->ledger, FAIL_SPACE, c->space.state == SPACE_FINE ? 0 : -ENOSPC, 0,
	    space_word(c->space.state));
}

static int out_of_room(struct collector *c, uint64_t now)
{
	gate_look(c, now);
	return c->space.state == SPACE_RESERVE ||
	    (c->space.state == SPACE_LOW && c->conf.space_left_action == CONF_SPACE_REFUSE_NEW);
}

/* What is refused does not count for the rate: so that is asked last. */
static int judge(struct collector *c, const struct peer_id *p, const char **text)
{
	uint64_t now = clock_mono();
	struct quota_user *u = quota_user(&c->quota, p->uid, now);

	*text = "the collector has no memory";
	if (u == NULL)
		return REFUSED_INTERNAL;
	*text = "too many sessions of yours are live";
	if (has_too_many(c, u))
		return REFUSED_RATE;
	*text = "too many sessions";
	if (c->registry.live >= c->conf.max_sessions)
		return REFUSED_TOO_MANY;
	*text = "new sessions are refused, as a plugin wants";
	if (dispatcher_refuses(c->dispatcher))
		return REFUSED_NO_ROOM;
	*text = "the store has no room for a session";
	if (out_of_room(c, now))
		return REFUSED_NO_ROOM;
	*text = "too many new sessions of yours in a minute, try again later";
	return quota_start(u, c->conf.session_rate, now) ? 0 : REFUSED_RATE;
}

int gate_admit(struct collector *c, const struct peer_id *p, int again, const char **text)
{
	int r;

	r = judge(c, p, text);
	if (r == 0)
		return 0;
	if (is_console(p)) {
		log_warn("root on a console, pid %ld, is let in though: %s", (long)p->pid, *text);
		return 0;
	}
	if (again)
		return r;
	c->count.turned_away++;
	log_warn("pid %ld, uid %lu is refused: %s", (long)p->pid, (unsigned long)p->uid, *text);
	return r;
}

static void look_at_quota(struct session *s, uint64_t now)
{
	struct collector *c = s->c;
	uint64_t limit;
	int turn;

	limit = conf_space(c->conf.user_quota, c->space.size);
	turn = quota_look(&c->quota, s->user, limit, now);
	if (turn > 0)
		log_warn("uid %lu has used up its quota of %llu bytes a day: its sessions crawl",
		    (unsigned long)s->user->uid, (unsigned long long)limit);
	else if (turn < 0)
		log_info("uid %lu is back within its quota", (unsigned long)s->user->uid);
}

size_t gate_room(struct session *s, size_t len, enum gate_wait *why)
{
	struct collector *c = s->c;
	uint64_t now = clock_mono(), room, mine;

	if (s->console)
		return len;
	gate_look(c, now);
	look_at_quota(s, now);
	*why = GATE_NO_ROOM;
	room = space_room(&c->space, &c->conf);
	if (room < FRAME_MAX)
		return 0;
	*why = GATE_CRAWLS;
	mine = quota_room(s->user);
	if (s->user->over)
		mine = crawl_room(s->crawl_ns, s->user->live, now);
	else if (mine < FRAME_MAX)
		mine = FRAME_MAX; /* the frame that goes over it */
	if (s->fifo_hup) /* no more will come */
		mine = UINT64_MAX;
	if (mine < FRAME_MAX)
		return 0;
	room = room < mine ? room : mine;
	return room < len ? (size_t)room : len;
}

void gate_took(struct session *s, size_t len)
{
	uint64_t now = clock_mono();

	space_spend(&s->c->space, len);
	if (s->user->over)
		crawl_spend(&s->crawl_ns, s->user->live, len, now);
	quota_spend(s->user, len, now);
}
