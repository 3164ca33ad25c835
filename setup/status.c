/* SPDX-License-Identifier: ISC */
/* What is enabled, whether it is as setup left it, and whether it is in force. */
#include <string.h>

#include "err.h"
#include "ways.h"

static void shell_changed(struct host *h, const struct item *item, const struct tree_file *now)
{
	if (now->type == TREE_NONE)
		host_wrong(h, item->name, "is no user any more; shellac setup disable login-shell %s "
		    "forgets it", item->name);
	else
		host_wrong(h, item->name, "has the login shell %s by now; shellac setup disable "
		    "login-shell %s leaves it so, or says what to do", (const char *)now->data,
		    item->name);
}

static void file_changed(struct host *h, const struct item *item, const struct tree_file *now)
{
	if (now->type == TREE_NONE && item->before.type != TREE_NONE)
		host_wrong(h, item->name, "was removed since setup changed it; shellac setup disable %s "
		    "leaves it so", h->what);
	else if (tree_same(now, &item->before))
		host_wrong(h, item->name, "is as it was before, not by setup; shellac setup enable %s "
		    "changes it again, disable forgets it", h->what);
	else
		host_wrong(h, item->name, "was changed by hand since setup changed it; shellac setup "
		    "disable %s says what to do", h->what);
}

static void item_status(struct host *h, const struct item *item)
{
	struct tree_file now;
	int r = host_look(h, item, &now);

	if (r != 0) {
		host_could_not(h, item->name, "", r);
		return;
	}
	if (item->pending)
		host_wrong(h, item->name, "a run was interrupted; the next enable or disable undoes "
		    "what it began");
	else if (tree_same(&now, &item->after))
		host_say(h, SETUP_NOTE, item->name, "as setup left it");
	else if (item->kind == ITEM_SHELL)
		shell_changed(h, item, &now);
	else
		file_changed(h, item, &now);
	tree_release(&now);
}

int status(struct host *h, const struct way *way)
{
	size_t i;
	int n = 0;

	for (i = 0; i < h->record.count; i++)
		n += strcmp(h->record.item[i].what, way->name) == 0;
	host_say(h, SETUP_CHANGE, "", n > 0 ? "enabled" : "not enabled by setup");
	for (i = 0; i < h->record.count; i++)
		if (strcmp(h->record.item[i].what, way->name) == 0)
			item_status(h, &h->record.item[i]);
	if (n > 0)
		way->holds(h);
	return h->wrong > 0 ? SETUP_REFUSED : SETUP_OK;
}
