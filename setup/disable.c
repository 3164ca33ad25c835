/* SPDX-License-Identifier: ISC */
/* Gives back what was there before. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "io.h"
#include "ways.h"

/* What becomes of an item. */
enum { MARK_NOT, MARK_BACK, MARK_DROP, MARK_LEAVE };

static int is_named(const struct names *users, const char *name)
{
	int i;

	for (i = 0; i < users->count; i++)
		if (strcmp(users->name[i], name) == 0)
			return 1;
	return users->count == 0;
}

/* A file that somebody changed since: it is never overwritten. */
static int judge_foreign(struct host *h, const struct item *item, const struct tree_file *now)
{
	if (item->kind == ITEM_SHELL && (now->type == TREE_NONE ||
	    !host_is_recorder(h, (const char *)now->data))) {
		host_say(h, SETUP_NOTE, item->name, now->type == TREE_NONE ? "is no user any more" :
		    "has another login shell by now, which stays");
		return MARK_DROP;
	}
	if (now->type == TREE_NONE) { /* with the package that it was of: nothing of ours is left */
		host_say(h, SETUP_NOTE, item->name, "was removed since, and stays so");
		return MARK_LEAVE;
	}
	if (h->q->force) {
		host_say(h, SETUP_NOTE, item->name, "was changed by hand since; it stays as it is");
		return MARK_LEAVE;
	}
	host_wrong(h, item->name, "was changed by hand since setup changed it, and is not overwritten: "
	    "take out what is shellac's there and run this with --force, which leaves it as it "
	    "is then");
	return MARK_NOT;
}

static int judge(struct host *h, const struct item *item)
{
	struct tree_file now;
	int r = host_look(h, item, &now), mark;

	if (r != 0) {
		host_could_not(h, item->name, "", r);
		return MARK_NOT;
	}
	if (tree_same(&now, &item->after)) {
		host_show(h, item->name, item->kind, &now, &item->before);
		mark = MARK_BACK;
	} else if (tree_same(&now, &item->before)) {
		host_say(h, SETUP_NOTE, item->name, "is as it was before already");
		mark = MARK_DROP;
	} else {
		mark = judge_foreign(h, item, &now);
	}
	tree_release(&now);
	return mark;
}

/* The shell that comes back must be there. */
static void shell_is_there(struct host *h, const struct item *item)
{
	struct stat st;

	if (item->mark == MARK_BACK && item->kind == ITEM_SHELL &&
	    tree_stat(&h->tree, (const char *)item->before.data, &st) != 0)
		host_doubt(h, item->name, "had the login shell %s, which is not there any more; give "
		    "another with usermod -s", (const char *)item->before.data);
}

/* How many of them are to be changed, in whatever way. */
static int mark_all(struct host *h, const struct names *users)
{
	size_t i;
	int n = 0;

	for (i = 0; i < h->record.count; i++) {
		struct item *item = &h->record.item[i];

		item->mark = MARK_NOT;
		if (strcmp(item->what, h->what) != 0 ||
		    (item->kind == ITEM_SHELL && !is_named(users, item->name)))
			continue;
		item->mark = judge(h, item);
		shell_is_there(h, item);
		n++;
	}
	return n;
}

/* What a file was, which is now somebody's who changed it, stays beside the record. */
static int keep_original(struct host *h, const struct item *item)
{
	char name[NAME_MAX + 1];
	int r;

	if (item->kind != ITEM_FILE || item->before.type != TREE_FILE)
		return 0;
	snprintf(name, sizeof(name), "was-%s", strrchr(item->name, '/') + 1);
	r = io_replace_file(h->folder, name, 0600, item->before.data, item->before.len);
	if (r == 0)
		host_say(h, SETUP_NOTE, item->name, "what it was before is in " SETUP_STATEDIR "/%s",
		    name);
	return r;
}

static int drop_marked(struct host *h, int mark)
{
	size_t i;
	int r;

	for (i = h->record.count; i-- > 0;) {
		struct item *item = &h->record.item[i];

		if (item->mark != mark)
			continue;
		if (mark == MARK_LEAVE && (r = keep_original(h, item)) != 0)
			return r;
		record_remove(&h->record, i);
	}
	return 0;
}

static void set_pending(struct host *h, int value)
{
	size_t i;

	for (i = 0; i < h->record.count; i++)
		if (h->record.item[i].mark == MARK_BACK)
			h->record.item[i].pending = value;
}

static void testers_of_items(struct host *h, struct testers *t)
{
	size_t i;

	for (i = 0; i < h->record.count; i++)
		if (h->record.item[i].mark == MARK_BACK && h->record.item[i].kind == ITEM_SHELL)
			testers_add(t, h->record.item[i].name,
			    (const char *)h->record.item[i].before.data);
}

/* Not even so do they get in: what was enabled is enabled again. */
static int again(struct host *h)
{
	size_t i;
	int r = 0;

	for (i = 0; i < h->record.count; i++)
		if (h->record.item[i].pending && (r = host_put(h, &h->record.item[i],
		    &h->record.item[i].after)) != 0)
			return SETUP_CANNOT;
	set_pending(h, 0);
	if (keep_record(h) != 0)
		return SETUP_CANNOT;
	host_say(h, SETUP_NOTE, "", "everything is as it was before");
	return SETUP_REFUSED;
}

static int carry_out(struct host *h, const struct way *way, const struct testers *t)
{
	int r, wrong;

	set_pending(h, 1);
	if (keep_record(h) != 0 || put_back(h) != 0)
		return SETUP_CANNOT;
	if (way->works(h, t, 0) != 0 && !h->q->force)
		return again(h);
	if ((r = drop_marked(h, MARK_BACK)) != 0 || (r = drop_marked(h, MARK_DROP)) != 0 ||
	    (r = drop_marked(h, MARK_LEAVE)) != 0 ||
	    (way->more != NULL && (r = way->more(h, 1)) != 0)) {
		host_wrong(h, "", "%s", err_text(r));
		return SETUP_CANNOT;
	}
	if (keep_record(h) != 0)
		return SETUP_CANNOT;
	host_say(h, SETUP_DONE, "", "disabled");
	wrong = h->wrong;
	if (way->tell != NULL)
		way->tell(h, 0);
	return h->wrong > wrong ? SETUP_CANNOT : SETUP_OK;
}

int disable(struct host *h, const struct way *way, const struct names *users)
{
	struct testers t = { .way = try_login };
	int n = mark_all(h, users);

	if (n > 0 && way->more != NULL)
		way->more(h, 0);
	if (h->wrong > 0) {
		host_say(h, SETUP_NOTE, "", "nothing was changed");
		return SETUP_REFUSED;
	}
	if (n == 0) {
		host_say(h, SETUP_NOTE, "", "nothing to do: setup has not enabled it");
		return SETUP_OK;
	}
	if (h->q->dry_run)
		return SETUP_OK;
	testers_of_items(h, &t);
	testers_before(h, &t, 0);
	return carry_out(h, way, &t);
}
