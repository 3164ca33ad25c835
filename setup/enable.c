/* SPDX-License-Identifier: ISC */
/* From a plan to what it says, or back. */
#include <errno.h>
#include <stdio.h>

#include "err.h"
#include "ways.h"

static int pending(const struct host *h)
{
	size_t i;
	int n = 0;

	for (i = 0; i < h->record.count; i++)
		n += h->record.item[i].pending;
	return n;
}

int keep_record(struct host *h)
{
	int r = 0;

	if (h->folder < 0 && (r = record_folder(&h->tree, SETUP_STATEDIR, 1)) >= 0) {
		h->folder = r;
		r = 0;
	}
	if (r == 0)
		r = record_save(&h->record, h->folder);
	if (r != 0)
		host_wrong(h, SETUP_STATEDIR, "what is replaced cannot be kept: %s", err_text(r));
	return r;
}

static int could_not(struct host *h, const struct item *item, int r)
{
	host_could_not(h, item->name, "cannot be changed: ", r);
	return r;
}

/* Whatever was done meanwhile by others stays: a file that is neither is not ours. */
int put_back(struct host *h)
{
	struct tree_file now;
	int r = 0, first = 0;
	size_t i;

	for (i = h->record.count; i-- > 0;) {
		const struct item *item = &h->record.item[i];

		if (!item->pending)
			continue;
		if ((r = host_look(h, item, &now)) == 0) {
			if (tree_same(&now, &item->after) && !tree_same(&now, &item->before))
				r = host_put(h, item, &item->before);
			else if (tree_same(&now, &item->before))
				r = item->kind == ITEM_FILE ? tree_sweep(&h->tree, item->name) : 0;
			else
				host_say(h, SETUP_NOTE, item->name, "was changed by others meanwhile; "
				    "it stays as it is");
			tree_release(&now);
		}
		if (r != 0 && first == 0)
			first = could_not(h, item, r);
	}
	return first;
}

/* Items that are pending are gone, or done. */
static void settle(struct host *h, int done)
{
	size_t i;

	for (i = h->record.count; i-- > 0;) {
		if (!h->record.item[i].pending)
			continue;
		if (done)
			h->record.item[i].pending = 0;
		else
			record_remove(&h->record, i);
	}
}

/* Puts everything back.  An exit status. */
static int give_up(struct host *h)
{
	if (put_back(h) != 0) {
		host_wrong(h, "", "what could not be put back is kept; shellac setup status shows it");
		return SETUP_CANNOT;
	}
	settle(h, 0);
	if (keep_record(h) != 0)
		return SETUP_CANNOT;
	host_say(h, SETUP_NOTE, "", "everything is as it was before");
	return SETUP_REFUSED;
}

static int apply(struct host *h)
{
	size_t i;
	int r;

	for (i = 0; i < h->record.count; i++) {
		struct item *item = &h->record.item[i];

		if (item->pending && (r = host_put(h, item, &item->after)) != 0)
			return could_not(h, item, r);
	}
	return 0;
}

static void show(const struct host *h)
{
	size_t i;

	for (i = 0; i < h->record.count; i++)
		if (h->record.item[i].pending)
			host_show(h, h->record.item[i].name, h->record.item[i].kind,
			    &h->record.item[i].before, &h->record.item[i].after);
}

static int carry_out(struct host *h, const struct way *way, const struct testers *t)
{
	int wrong;

	if (keep_record(h) != 0)
		return SETUP_CANNOT;
	if (apply(h) != 0 || (way->works(h, t, 1) != 0 && !h->q->force))
		return give_up(h);
	settle(h, 1);
	if (keep_record(h) != 0)
		return SETUP_CANNOT;
	host_say(h, SETUP_DONE, "", "enabled");
	wrong = h->wrong;
	if (way->tell != NULL)
		way->tell(h, 1);
	return h->wrong > wrong ? SETUP_CANNOT : SETUP_OK;
}

/* Nothing of it was written down. */
static int refuse(struct host *h)
{
	settle(h, 0);
	host_say(h, SETUP_NOTE, "", "nothing was changed");
	return SETUP_REFUSED;
}

int enable(struct host *h, const struct way *way, const struct names *users)
{
	struct testers t = { .way = try_login };
	int r = way->plan(h, users, &t);

	if (r < 0) {
		host_could_not(h, h->failed, "", r);
		settle(h, 0);
		return SETUP_CANNOT;
	}
	if (h->wrong > 0)
		return refuse(h);
	if (pending(h) == 0) {
		host_say(h, SETUP_NOTE, "", "nothing to do");
		return SETUP_OK;
	}
	show(h);
	way->may(h, &t);
	if (h->wrong > 0)
		return refuse(h);
	if (!h->q->dry_run)
		return carry_out(h, way, &t);
	settle(h, 0); /* what is planned next is shown alone */
	return SETUP_OK;
}

int recover(struct host *h)
{
	if (pending(h) == 0)
		return SETUP_OK;
	host_say(h, SETUP_NOTE, "", "an earlier run was interrupted; what it began is undone first");
	if (h->q->dry_run) {
		settle(h, 0);
		return SETUP_OK;
	}
	if (put_back(h) != 0)
		return SETUP_CANNOT;
	settle(h, 0);
	return keep_record(h) != 0 ? SETUP_CANNOT : SETUP_OK;
}
