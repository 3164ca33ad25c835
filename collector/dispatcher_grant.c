/* SPDX-License-Identifier: ISC */
/* Plugins that read the store: as an auditor who wanted all of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "dispatcher_internal.h"
#include "err.h"
#include "log.h"

/* fd -1: refused. */
static void answer(struct dispatcher *d, const char *plugin, int fd)
{
	dispatch_link_send(&d->link, &(struct dispatch_message){.type = DISPATCH_STORE,
	    .text = {plugin}, .len = {strlen(plugin)}}, fd);
}

static void forget(struct grant *g)
{
	LIST_REMOVE(g, link);
	close(g->fd);
	free(g);
}

static void granted(void *arg, int error)
{
	struct grant *g = arg;

	if (error != 0)
		log_error("plugin %s may not read the store: ACCESS cannot be written: %s", g->plugin,
		    err_text(error));
	answer(g->d, g->plugin, error == 0 ? g->fd : -1);
	forget(g);
}

void dispatcher_grant(struct dispatcher *d, const char *plugin)
{
	const struct plugin_conf *conf = plugin_set_find(&d->c->plugins, plugin);
	struct grant *g;
	int r;

	if (conf == NULL || conf->format != PLUGIN_CHUNK || (g = malloc(sizeof(*g))) == NULL) {
		answer(d, plugin, -1);
		return;
	}
	g->d = d;
	snprintf(g->plugin, sizeof(g->plugin), "%s", plugin);
	r = d->c->access != NULL ? access_plugin(d->c->access, plugin, &g->fd, granted, g) : -ENOENT;
	if (r != 0) {
		log_error("plugin %s may not read the store: %s", plugin, err_text(r));
		answer(d, plugin, -1);
		free(g);
		return;
	}
	LIST_INSERT_HEAD(&d->grants, g, link);
}

void dispatcher_grants_drop(struct dispatcher *d)
{
	struct grant *g;

	while ((g = LIST_FIRST(&d->grants)) != NULL) {
		if (d->c->access != NULL)
			access_forget(d->c->access, g);
		forget(g);
	}
}
