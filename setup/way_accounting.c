/* SPDX-License-Identifier: ISC */
/* The kernel's process accounting: shellacd's, or Debian's acct package's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "acct_text.h"
#include "conf.h"
#include "places.h"
#include "ways.h"

#define ACCT_INIT "/etc/init.d/acct"
#define UNIT_USR "/usr/lib/systemd/system/acct.service"
#define UNIT "/lib/systemd/system/acct.service"

static int is_there(const struct host *h, const char *path)
{
	struct stat st;

	return tree_stat(&h->tree, path, &st) == 0;
}

static int has_package(const struct host *h)
{
	return is_there(h, ACCT_INIT) || is_there(h, UNIT) || is_there(h, UNIT_USR);
}

/* What shellac.conf says of it: 1 own, 0 off; or it was said why nobody can tell. */
static int conf_owns(struct host *h, const struct tree_file *f)
{
	struct conf_error err;
	struct conf conf;

	conf_defaults(&conf);
	if (f->type == TREE_LINK)
		host_wrong(h, SHELLAC_CONF, "is a link, which shellacd does not follow");
	else if (f->type == TREE_FILE && conf_parse(&conf, (const char *)f->data, f->len, &err, 1) != 0)
		host_wrong(h, SHELLAC_CONF, "line %u: %s", err.line, err.text);
	return conf.acct;
}

static int plan_conf(struct host *h)
{
	struct tree_file f;
	int r = way_base(h, ITEM_FILE, SHELLAC_CONF, &f);

	if (r != 0)
		return r;
	if (!conf_owns(h, &f) && h->wrong == 0 && (r = acct_text_conf(&f, "own")) == 0)
		r = way_plan(h, ITEM_FILE, SHELLAC_CONF, &f);
	tree_release(&f);
	return r;
}

/* All that turns it on and off by acct(8) reads this file first. */
static int plan_default(struct host *h)
{
	struct tree_file f;
	int r = way_base(h, ITEM_FILE, ACCT_DEFAULT, &f);

	if (r != 0)
		return r;
	if (f.type == TREE_LINK)
		host_wrong(h, ACCT_DEFAULT, "is a link; put a file in its place");
	else if ((r = acct_text_default(&f)) == 0)
		r = way_plan(h, ITEM_FILE, ACCT_DEFAULT, &f);
	tree_release(&f);
	return r;
}

static int plan_mask(struct host *h)
{
	struct tree_file wanted, base;
	int r;

	if (!(is_there(h, UNIT) || is_there(h, UNIT_USR)) || !is_there(h, "/etc/systemd/system"))
		return 0;
	if ((r = tree_text(&wanted, TREE_LINK, "/dev/null", strlen("/dev/null"))) != 0)
		return r;
	if ((r = way_base(h, ITEM_FILE, ACCT_MASK, &base)) == 0) {
		if (base.type != TREE_NONE && !tree_same(&base, &wanted))
			host_wrong(h, ACCT_MASK, "is a unit of this host's own; put it aside");
		else
			r = way_plan(h, ITEM_FILE, ACCT_MASK, &wanted);
		tree_release(&base);
	}
	tree_release(&wanted);
	return r;
}

int accounting_plan(struct host *h, const struct names *users, struct testers *t)
{
	int r = plan_conf(h);

	(void)users;
	(void)t;
	if (r == 0 && h->wrong == 0 && !has_package(h))
		host_say(h, SETUP_NOTE, "", "there is no acct package from which it would be taken");
	else if (r == 0 && h->wrong == 0 && (r = plan_default(h)) == 0)
		r = plan_mask(h);
	return r;
}

void accounting_may(struct host *h, struct testers *t)
{
	(void)h;
	(void)t;
}

int accounting_works(struct host *h, const struct testers *t, int enable)
{
	(void)h;
	(void)t;
	(void)enable;
	return 0;
}

/* Will the package turn it on, once all is given back? */
static int package_wants(struct host *h)
{
	struct tree_file f;
	int wants;

	if (!has_package(h) || way_base(h, ITEM_FILE, ACCT_DEFAULT, &f) != 0)
		return 0;
	wants = f.type == TREE_NONE || acct_text_is_enabled(&f);
	tree_release(&f);
	return wants;
}

/* Both cannot have it: where shellac.conf was no part of what was changed, it says off now. */
int accounting_more(struct host *h, int done)
{
	struct tree_file from, to;
	int r;

	if (record_find(&h->record, h->what, SHELLAC_CONF) != NULL || !package_wants(h))
		return 0;
	if ((r = way_base(h, ITEM_FILE, SHELLAC_CONF, &from)) != 0)
		return r;
	if (conf_owns(h, &from) && h->wrong == 0 && (r = tree_copy(&to, &from)) == 0) {
		if ((r = acct_text_conf(&to, "off")) == 0 && !done)
			host_show(h, SHELLAC_CONF, ITEM_FILE, &from, &to);
		else if (r == 0)
			r = tree_put(&h->tree, SHELLAC_CONF, &to);
		tree_release(&to);
	}
	tree_release(&from);
	return r;
}

void accounting_holds(struct host *h)
{
	if (h->q->root == NULL && h->q->accounting(h->q->ctx) != 1)
		host_wrong(h, "", "shellacd does not have it; shellac check says why");
}

/* shellacd takes acct at its start; whoever is to have it comes last. */
void accounting_tell(struct host *h, int enable)
{
	int on = h->q->root == NULL ? h->q->accounting(h->q->ctx) : -1;

	if (is_there(h, ACCT_MASK) || !enable)
		(void)tell_daemon(h, "", "daemon-reload");
	if (on >= 0 && on != enable && tell_daemon(h, "shellacd", "restart") == 0 && enable)
		accounting_holds(h);
	else if (enable && on < 0)
		(void)tell_daemon(h, "shellacd", "start");
	if (!enable && package_wants(h))
		(void)tell_daemon(h, "acct", "restart");
}
