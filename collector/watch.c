/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

#define MS_NS UINT64_C(1000000)
#define SECOND_NS UINT64_C(1000000000)
#define FILTER 4096 /* of pids, by their low bits */

struct life {
	uint32_t pid, ppid;
	uint64_t start_ticks;
	uint32_t look;     /* the last that saw it, or was begun when it was seen */
	unsigned part : 1; /* begun by another life of the rule */
	unsigned fresh : 1; /* whether it is that is to be looked up */
};

struct rule {
	struct conf_watch conf;
	uid_t uid;
	int any, none;   /* whoever's it is; nobody's */
	struct life *lives;
	size_t count, room;
	size_t whole;    /* lives that are no part of another */
	int absent;      /* that was said */
	uint64_t due_ns; /* when it is absent, while whole is 0 */
	uint32_t last_pid;
	uint64_t last_start;
};

struct watch {
	struct watch_ops ops;
	struct rule rule[CONF_WATCH_MAX];
	unsigned count;
	uint32_t look;
	int looking, begun; /* in a look; the first is over */
	uint16_t filter[FILTER];
};

static int is_command(const struct rule *r, const char comm[ACCT_COMM])
{
	return strncmp(r->conf.command, comm, ACCT_COMM) == 0;
}

static int is_of(const struct rule *r, const struct watch_sight *s)
{
	return !r->none && (r->any || r->uid == s->uid) && is_command(r, s->comm);
}

static void say(const struct watch *w, const struct rule *r, enum watch_state state,
    uint64_t boot_ns)
{
	const struct watch_said s = {.state = state, .rule = &r->conf, .pid = r->last_pid,
		.start_ticks = r->last_start, .boot_ns = boot_ns};

	w->ops.said(w->ops.ctx, &s);
}

static void begin_rule(struct watch *w, struct rule *r, const struct conf_watch *conf,
    uint64_t boot_ns)
{
	r->conf = *conf;
	r->any = conf->user[0] == '\0';
	r->none = !r->any && !w->ops.uid(w->ops.ctx, conf->user, &r->uid);
	r->due_ns = boot_ns + conf->grace_s * SECOND_NS;
}

int watch_new(struct watch **out, const struct conf_watch *rules, unsigned count,
    const struct watch_ops *ops, uint64_t boot_ns)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -ENOMEM;
	w->ops = *ops;
	while (w->count < count && w->count < CONF_WATCH_MAX) {
		begin_rule(w, &w->rule[w->count], &rules[w->count], boot_ns);
		w->count++;
	}
	*out = w;
	return 0;
}

void watch_free(struct watch *w)
{
	unsigned i;

	if (w == NULL)
		return;
	for (i = 0; i < w->count; i++)
		free(w->rule[i].lives);
	free(w);
}

static int is_same(const struct conf_watch *a, const struct conf_watch *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->command, b->command) == 0 &&
	    strcmp(a->user, b->user) == 0 && a->grace_s == b->grace_s;
}

int watch_is(const struct watch *w, const struct conf_watch *rules, unsigned count)
{
	unsigned i;

	if (w == NULL || w->count != count)
		return w == NULL && count == 0;
	for (i = 0; i < count; i++)
		if (!is_same(&w->rule[i].conf, &rules[i]))
			return 0;
	return 1;
}

int watch_wants(const struct watch *w, const char comm[ACCT_COMM])
{
	unsigned i;

	for (i = 0; i < w->count; i++)
		if (is_command(&w->rule[i], comm))
			return 1;
	return 0;
}

/* A life of the pid in the rule, from one on; NULL where there is none. */
static struct life *find(const struct rule *r, uint32_t pid)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->lives[i].pid == pid)
			return &r->lives[i];
	return NULL;
}

int watch_has(const struct watch *w, uint32_t pid)
{
	unsigned i;

	if (w->filter[pid % FILTER] == 0)
		return 0;
	for (i = 0; i < w->count; i++)
		if (find(&w->rule[i], pid) != NULL)
			return 1;
	return 0;
}

/* A first life that counts: it began, unless it was there before anybody looked. */
static void count_in(struct watch *w, struct rule *r, const struct life *f, uint64_t boot_ns)
{
	r->last_pid = f->pid;
	r->last_start = f->start_ticks;
	r->absent = 0;
	if (r->whole++ == 0 && w->begun)
		say(w, r, WATCH_BEGAN, boot_ns);
}

/* A parent that is gone by now has begun nothing: who is left of a daemon counts if it was
 * never seen beside it. */
static void settle(struct watch *w, struct rule *r, struct life *f, uint64_t boot_ns)
{
	const struct life *up = find(r, f->ppid);

	f->fresh = 0;
	f->part = up != NULL && up->start_ticks <= f->start_ticks;
	if (!f->part)
		count_in(w, r, f, boot_ns);
}

static void take_out(struct watch *w, struct rule *r, struct life *f, uint64_t boot_ns)
{
	const struct life gone = *f;

	*f = r->lives[--r->count];
	w->filter[gone.pid % FILTER]--;
	if (gone.part || gone.fresh || --r->whole > 0)
		return;
	r->last_pid = gone.pid;
	r->last_start = gone.start_ticks;
	r->due_ns = boot_ns + r->conf.grace_s * SECOND_NS;
	say(w, r, WATCH_ENDED, boot_ns);
}

static void put_in(struct watch *w, struct rule *r, const struct watch_sight *s,
    uint64_t boot_ns)
{
	struct life *f;

	if (array_room(&r->lives, r->count, &r->room, sizeof(*r->lives)) != 0)
		return; /* the next look brings it again */
	f = &r->lives[r->count++];
	*f = (struct life){.pid = s->pid, .ppid = s->ppid, .start_ticks = s->start_ticks,
		.look = w->look, .fresh = 1};
	w->filter[s->pid % FILTER]++;
	/* in a look its parent may come later */
	if (!w->looking)
		settle(w, r, f, boot_ns);
}

void watch_seen(struct watch *w, const struct watch_sight *s, uint64_t boot_ns)
{
	struct life *f;
	struct rule *r;

	for (r = w->rule; r < w->rule + w->count; r++) {
		f = find(r, s->pid);
		if (f != NULL && (f->start_ticks != s->start_ticks || !is_of(r, s))) {
			take_out(w, r, f, boot_ns);
			f = NULL;
		}
		if (f != NULL)
			f->look = w->look;
		else if (is_of(r, s))
			put_in(w, r, s, boot_ns);
	}
}

void watch_ended(struct watch *w, uint32_t pid, uint64_t start_ticks, uint64_t boot_ns)
{
	struct life *f;
	struct rule *r;

	if (w->filter[pid % FILTER] == 0)
		return;
	for (r = w->rule; r < w->rule + w->count; r++) {
		f = find(r, pid);
		if (f != NULL && (start_ticks == 0 || f->start_ticks == start_ticks))
			take_out(w, r, f, boot_ns);
	}
}

void watch_look(struct watch *w)
{
	w->look++;
	w->looking = 1;
}

static void looked(struct watch *w, struct rule *r, uint64_t boot_ns)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->lives[i].fresh)
			settle(w, r, &r->lives[i], boot_ns);
	for (i = r->count; i > 0; i--)
		if (r->lives[i - 1].look != w->look)
			take_out(w, r, &r->lives[i - 1], boot_ns);
}

void watch_looked(struct watch *w, uint64_t boot_ns)
{
	unsigned i;

	w->looking = 0;
	for (i = 0; i < w->count; i++)
		looked(w, &w->rule[i], boot_ns);
	w->begun = 1;
}

int watch_turn(struct watch *w, uint64_t boot_ns)
{
	uint64_t wait_ns = UINT64_MAX;
	struct rule *r;

	for (r = w->rule; r < w->rule + w->count; r++) {
		if (r->whole > 0 || r->absent)
			continue;
		if (w->begun && boot_ns >= r->due_ns) {
			r->absent = 1;
			say(w, r, WATCH_ABSENT, boot_ns);
		} else if (r->due_ns > boot_ns && r->due_ns - boot_ns < wait_ns) {
			wait_ns = r->due_ns - boot_ns;
		}
	}
	return wait_ns == UINT64_MAX ? -1 : (int)((wait_ns + MS_NS - 1) / MS_NS);
}

json_t *watch_status(const struct watch *w)
{
	json_t *list = json_array();
	const struct rule *r;

	for (r = w != NULL ? w->rule : NULL; w != NULL && r < w->rule + w->count; r++)
		json_array_append_new(list, json_pack("{ss ss ss* ss sI sI}", "rule", r->conf.name,
		    "command", r->conf.command, "user",
		    r->conf.user[0] != '\0' ? r->conf.user : NULL, "state",
		    r->whole > 0 ? "present" : r->absent ? "absent" : "gone",
		    "pid", (json_int_t)r->last_pid, "lives", (json_int_t)r->count));
	return list;
}
