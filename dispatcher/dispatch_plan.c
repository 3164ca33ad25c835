/* SPDX-License-Identifier: ISC */
/* Configurations: those that one ends are gone before those that it starts begin. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "plugin.h"

void plan_release(struct plan *plan)
{
	unsigned i;

	for (i = 0; i < plan->count; i++)
		free(plan->conf[i]);
	plan->count = 0;
}

void plan_begin(struct dispatch *d)
{
	plan_release(&d->plan);
}

void plan_add(struct dispatch *d, const char *name, const char *text, size_t len)
{
	struct plugin_conf *conf = malloc(sizeof(*conf));
	struct conf_error err;

	if (conf != NULL && d->plan.count < PLUGINS_MAX &&
	    plugin_conf_parse(conf, name, text, len, &err, 1) == 0) {
		d->plan.conf[d->plan.count++] = conf;
		return;
	}
	dispatch_log(d, LOG_L_ERROR, "plugin %s: its configuration cannot be taken", name);
	free(conf);
}

/* Its place in the plan, where the file is the same; -1. */
static int find(const struct plan *plan, const struct plugin_conf *conf)
{
	unsigned i;

	for (i = 0; i < plan->count; i++)
		if (plan->conf[i] != NULL && strcmp(plan->conf[i]->name, conf->name) == 0)
			return memcmp(plan->conf[i]->digest, conf->digest, HASH_SIZE) == 0 ? (int)i : -1;
	return -1;
}

void plan_apply(struct dispatch *d)
{
	struct plugin *p, *next;
	int at;

	if (d->ending)
		return;
	plan_release(&d->next);
	d->next = d->plan;
	d->plan.count = 0;
	d->switching = 1;
	for (p = LIST_FIRST(&d->plugins); p != NULL; p = next) {
		next = LIST_NEXT(p, link);
		at = p->state == PLUGIN_ENDS ? -1 : find(&d->next, p->conf);
		if (at >= 0) {
			plugin_resume(p);
			continue;
		}
		plugin_end(p);
		if (plugin_is_gone(p))
			plugin_free(p);
	}
	plan_go_on(d);
}

static int is_running(const struct dispatch *d, const struct plugin_conf *conf)
{
	const struct plugin *p;

	LIST_FOREACH(p, &d->plugins, link)
		if (strcmp(p->conf->name, conf->name) == 0)
			return 1;
	return 0;
}

/* Who is not configured any more begins anew when it is again. */
static void forget_others(struct dispatch *d)
{
	DIR *dir = io_list_dir(d->cursors, ".");
	const struct dirent *e;
	const struct plugin *p;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		LIST_FOREACH(p, &d->plugins, link)
			if (strcmp(p->conf->name, e->d_name) == 0)
				break;
		if (p == NULL)
			unlinkat(d->cursors, e->d_name, 0);
	}
	if (dir != NULL)
		closedir(dir);
}

static void start_rest(struct dispatch *d)
{
	unsigned i;

	for (i = 0; i < d->next.count; i++) {
		if (is_running(d, d->next.conf[i]) || plugin_new(d, d->next.conf[i]) == NULL)
			free(d->next.conf[i]);
	}
	d->next.count = 0;
}

void plan_go_on(struct dispatch *d)
{
	const struct plugin *p;

	if (!d->switching || d->lock_busy || d->ending)
		return;
	LIST_FOREACH(p, &d->plugins, link)
		if (p->state == PLUGIN_ENDS)
			return;
	d->switching = 0;
	d->known = 1;
	start_rest(d);
	forget_others(d);
	dispatch_tell(d, &(struct dispatch_message){.type = DISPATCH_APPLIED});
	dispatch_changed(d);
}
