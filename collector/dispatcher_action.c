/* SPDX-License-Identifier: ISC */
/* What plugins want done.  Done or refused, each is in the ledger before anything happens. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "bytes.h"
#include "clock.h"
#include "decimal.h"
#include "dispatcher_internal.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "session_socket.h"

#define ID_CHARS_MIN 4
#define WINDOW_NS (60 * UINT64_C(1000000000))
#define WINDOW_ACTIONS 60 /* of one plugin; more are not even logged one by one */
#define WHO_MAX (PLUGIN_NAME_MAX + 16)
#define WHAT_MAX 600

struct asked {
	struct dispatcher *d;
	const struct plugin_conf *conf; /* NULL: of no plugin that is configured */
	const char *arg;
	struct session *session;
};

struct action {
	LIST_ENTRY(action) link;
	struct dispatcher *d;
	const struct act *act;
	uint64_t index, n;         /* of its entry; of the session, 0 */
	const char *why;           /* it is refused; NULL: it is to be done */
	char plugin[PLUGIN_NAME_MAX + 1], arg[PLUGIN_NAME_MAX + 1];
	char who[WHO_MAX], what[WHAT_MAX];
};

static struct session *find_number(const struct collector *c, uint64_t n)
{
	struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		if (s->name.n == n && s->end == END_NOT)
			return s;
	return NULL;
}

/* By number, or by the start of its id, if that is the start of no other's. */
static struct session *find_session(const struct collector *c, const char *arg)
{
	struct session *s, *found = NULL;
	char id[2 * ID_SIZE + 1];
	size_t len = strlen(arg);
	uint64_t n;

	if (strspn(arg, "0123456789") == len)
		return decimal_get(&n, arg, len) == 0 ? find_number(c, n) : NULL;
	if (len < ID_CHARS_MIN)
		return NULL;
	LIST_FOREACH(s, &c->registry.sessions, link) {
		hex_put(id, s->name.id, ID_SIZE);
		if (s->end != END_NOT || strncmp(id, arg, len) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = s;
	}
	return found;
}

/* NULL, or why not. */
static const char *check_nothing(struct asked *a)
{
	return *a->arg == '\0' ? NULL : "it takes no argument";
}

static const char *check_session(struct asked *a)
{
	a->session = find_session(a->d->c, a->arg);
	if (a->session == NULL)
		return "no live session is called so";
	return a->session->console ? "it is root's on a console" : NULL;
}

static const char *check_hook(struct asked *a)
{
	unsigned i;

	for (i = 0; i < a->conf->hooks; i++)
		if (strcmp(a->conf->hook[i].name, a->arg) == 0)
			return NULL;
	return "no hook is called so";
}

static void do_refuse(const struct action *a)
{
	a->d->refuses = 1;
}

static void do_admit(const struct action *a)
{
	a->d->refuses = 0;
}

static void tell(const struct action *a, enum message_type what)
{
	struct session *s = find_number(a->d->c, a->n);
	int r = s != NULL ? session_tell(s, what) : 0;

	if (r != 0)
		log_error("session %" PRIu64 ": its recorder cannot be told: %s", a->n, err_text(r));
}

static void do_freeze(const struct action *a)
{
	tell(a, MSG_HOLD);
}

static void do_thaw(const struct action *a)
{
	tell(a, MSG_GO_ON);
}

static void do_hang_up(const struct action *a)
{
	tell(a, MSG_HANG_UP);
}

static void do_hook(const struct action *a)
{
	dispatch_link_send(&a->d->link, &(struct dispatch_message){.type = DISPATCH_HOOK,
	    .text = {a->plugin, a->arg}, .len = {strlen(a->plugin), strlen(a->arg)}}, -1);
}

static const struct act {
	const char *name;
	unsigned allowed; /* bit of plugin_conf.actions */
	const char *(*check)(struct asked *a);
	void (*carry_out)(const struct action *a);
} acts[] = {
	{ "refuse-new", PLUGIN_REFUSE_NEW, check_nothing, do_refuse },
	{ "admit", PLUGIN_REFUSE_NEW, check_nothing, do_admit },
	{ "freeze", PLUGIN_FREEZE, check_session, do_freeze },
	{ "thaw", PLUGIN_FREEZE, check_session, do_thaw },
	{ "hang-up", PLUGIN_HANG_UP, check_session, do_hang_up },
	{ "run-hook", PLUGIN_RUN_HOOK, check_hook, do_hook },
};

static const struct act *find_act(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}

static const char *judge(struct asked *a, const struct act *act)
{
	if (act == NULL)
		return "no action is called so";
	if (a->conf == NULL || (a->conf->actions & act->allowed) == 0)
		return "its configuration does not allow it";
	return act->check(a);
}

/* Its entry is on disk, or never will be, and then nothing is done. */
static void recorded(void *arg, int error)
{
	struct action *a = arg;
	const char *result = a->why != NULL ? a->why : "done";

	if (error == 0)
		error = access_write_text(&a->d->c->store, a->index, a->who, a->what, result);
	if (error != 0)
		log_error("%s: %s is not done: ACTION cannot be written: %s", a->who, a->what,
		    err_text(error));
	else
		log_at(a->why != NULL ? LOG_L_WARN : LOG_L_NOTICE, "%s: %s%s: %s", a->who, a->what,
		    a->why != NULL ? " is refused" : "", result);
	if (error == 0 && a->why == NULL)
		a->act->carry_out(a);
	LIST_REMOVE(a, link);
	free(a);
}

static void fill(struct entry *e, const struct action *a)
{
	const char *result = a->why != NULL ? a->why : "done";

	randombytes_buf(e->u.action.salt, sizeof(e->u.action.salt));
	ledger_salted(e->u.action.who, e->u.action.salt, a->who, strlen(a->who));
	ledger_salted(e->u.action.what, e->u.action.salt, a->what, strlen(a->what));
	ledger_salted(e->u.action.reason, e->u.action.salt, result, strlen(result));
	e->u.action.n = a->n;
	e->u.action.done = a->why != NULL ? ACTION_REFUSED : ACTION_DONE;
}

/* The ledger is no place for a plugin to fill. */
static int asks_too_often(struct dispatcher *d, const char *plugin)
{
	const struct plugin_set *set = &d->c->plugins;
	uint64_t now = clock_mono();
	unsigned i;

	for (i = 0; i < set->count; i++)
		if (set->file[i].conf != NULL && strcmp(set->file[i].conf->name, plugin) == 0)
			break;
	if (i == set->count)
		return 1;
	if (d->asked[i].n == 0 || now - d->asked[i].since_ns > WINDOW_NS) {
		d->asked[i].since_ns = now;
		d->asked[i].n = 0;
	}
	return ++d->asked[i].n > WINDOW_ACTIONS;
}

void dispatcher_action(struct dispatcher *d, const char *plugin, const char *name,
    const char *arg)
{
	struct asked asked = {.d = d, .conf = plugin_set_find(&d->c->plugins, plugin), .arg = arg};
	struct entry e = {.type = ENTRY_ACTION};
	struct action *a;
	int r;

	if (d->c->stopping) {
		log_warn("plugin %s: %s is not done: the collector ends", plugin, name);
		return;
	}
	if (asks_too_often(d, plugin)) {
		log_warn("plugin %s asks for more than %d actions a minute: %s is not done", plugin,
		    WINDOW_ACTIONS, name);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return;
	a->d = d;
	a->act = find_act(name);
	a->why = judge(&asked, a->act);
	a->n = asked.session != NULL ? asked.session->name.n : 0;
	snprintf(a->plugin, sizeof(a->plugin), "%s", plugin);
	snprintf(a->arg, sizeof(a->arg), "%s", arg);
	snprintf(a->who, sizeof(a->who), "plugin %s", a->plugin);
	snprintf(a->what, sizeof(a->what), "%s%s%s", name, *arg != '\0' ? " " : "", arg);
	fill(&e, a);
	r = access_make_folder(&d->c->store);
	if (r == 0)
		r = ledger_add(d->c->ledger, &e, recorded, a);
	if (r != 0) {
		log_error("%s: %s is not done: ACTION cannot be written: %s", a->who, a->what,
		    err_text(r));
		free(a);
		return;
	}
	a->index = e.index;
	LIST_INSERT_HEAD(&d->actions, a, link);
}

void dispatcher_actions_drop(struct dispatcher *d)
{
	struct action *a;

	while ((a = LIST_FIRST(&d->actions)) != NULL) {
		ledger_forget(d->c->ledger, a);
		LIST_REMOVE(a, link);
		free(a);
	}
}

void dispatcher_lift(struct dispatcher *d)
{
	struct session *s;

	d->refuses = 0;
	memset(d->asked, 0, sizeof(d->asked));
	LIST_FOREACH(s, &d->c->registry.sessions, link)
		if (s->held)
			session_tell(s, MSG_GO_ON);
}

int dispatcher_refuses(const struct dispatcher *d)
{
	return d != NULL && d->refuses;
}
