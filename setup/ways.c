/* SPDX-License-Identifier: ISC */
#include "ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct way ways[WAYS] = {
	{ "profile", 0, profile_plan, profile_may, profile_works, NULL, NULL, profile_holds },
	{ "login-shell", 1, login_shell_plan, login_shell_may, profile_works, NULL, NULL,
	    login_shell_holds },
	{ "forcecommand", 1, forcecommand_plan, forcecommand_may, forcecommand_works, NULL,
	    forcecommand_tell, forcecommand_holds },
	{ "accounting", 0, accounting_plan, accounting_may, accounting_works, accounting_more,
	    accounting_tell, accounting_holds },
};

const struct way *way_find(const char *name)
{
	size_t i;

	for (i = 0; i < WAYS; i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	return NULL;
}

int way_base(struct host *h, enum item_kind kind, const char *name, struct tree_file *f)
{
	const struct item *have = record_find(&h->record, h->what, name);
	const struct item item = { .kind = kind, .name = (char *)(uintptr_t)name };

	return have != NULL ? tree_copy(f, &have->before) : host_look(h, &item, f);
}

/* An item of before: is it still as setup left it? */
static int plan_again(struct host *h, struct item *have, const struct tree_file *now,
    const struct tree_file *wanted)
{
	struct tree_file after = { 0 };

	if (!tree_same(now, &have->after) && !tree_same(now, &have->before)) {
		host_wrong(h, have->name, "was changed by hand since setup changed it; shellac setup "
		    "disable %s says what to do", h->what);
	} else if (tree_same(now, &have->after) && tree_same(&have->after, wanted)) {
		host_say(h, SETUP_NOTE, have->name, "is enabled already");
	} else if (tree_same(now, &have->after)) {
		host_wrong(h, have->name, "is enabled, but otherwise; shellac setup disable %s first",
		    h->what);
	} else {
		if (tree_copy(&after, wanted) != 0)
			return -ENOMEM;
		tree_release(&have->after);
		have->after = after;
		have->pending = 1;
	}
	return 0;
}

int way_plan(struct host *h, enum item_kind kind, const char *name,
    const struct tree_file *wanted)
{
	struct item item = {
		.what = (char *)(uintptr_t)h->what, .kind = kind, .name = (char *)(uintptr_t)name,
		.pending = 1, .after = *wanted,
	};
	struct item *have = record_find(&h->record, h->what, name);
	int r = host_look(h, &item, &item.before);

	if (r != 0)
		return r;
	if (have != NULL)
		r = plan_again(h, have, &item.before, wanted);
	else if (tree_same(&item.before, wanted))
		host_say(h, SETUP_NOTE, name, "is so already, not by setup, and stays as it is");
	else if (record_add(&h->record, &item) == NULL)
		r = -ENOMEM;
	tree_release(&item.before);
	return r;
}

int way_append(struct tree_file *f, const char *text)
{
	size_t more = strlen(text), nl = f->len > 0 && f->data[f->len - 1] != '\n';
	uint8_t *data;

	if (f->type == TREE_NONE)
		return tree_text(f, TREE_FILE, text, more);
	data = realloc(f->data, f->len + nl + more + 1);
	if (data == NULL)
		return -ENOMEM;
	if (nl)
		data[f->len++] = '\n';
	memcpy(data + f->len, text, more + 1);
	f->data = data;
	f->len += more;
	return 0;
}
