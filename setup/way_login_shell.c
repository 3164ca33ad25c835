/* SPDX-License-Identifier: ISC */
/* The recorder as login shell, by a link whose name says which shell is behind it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "places.h"
#include "shell_name.h"
#include "ways.h"

/* Is the shell that the recorder starts by that name the user's own? */
static int is_same_shell(const struct host *h, const char *shell, const char *listed)
{
	struct stat a, b;

	return tree_stat(&h->tree, shell, &a) == 0 && tree_stat(&h->tree, listed, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The link that stands for the user's shell; 0 after it was said why there is none. */
static int choose_link(struct host *h, const char *user, const char *shell,
    char link[PATH_MAX])
{
	char listed[PATH_MAX];
	const char *name = shell_name(shell);

	if (name == NULL) {
		host_wrong(h, user, "has the login shell %s: there is no recorder for it%s", shell,
		    shell_is_restricted(shell) ? ", which would not be restricted" : "");
		return 0;
	}
	snprintf(link, PATH_MAX, RECORDER_AS "%s", name);
	if (!host_is_recorder(h, link)) {
		host_wrong(h, user, "%s is not there, or not the recorder; install shellac", link);
		return 0;
	}
	if (host_listed_shell(h, name, listed, sizeof(listed)) != 0) {
		host_wrong(h, user, "no %s is in /etc/shells and can be run: %s would start another "
		    "shell", name, link);
		return 0;
	}
	if (!is_same_shell(h, shell, listed))
		host_doubt(h, user, "has the login shell %s, but %s would start %s", shell, link,
		    listed);
	return 1;
}

/* Root's, and who cannot log in, are told from each other by what was asked for. */
static int is_wanted(struct host *h, const struct passwd *pw, int by_name)
{
	if (pw->pw_uid == 0 && !h->q->force) {
		if (by_name)
			host_wrong(h, pw->pw_name, "is root, who must always get in; --force does it all "
			    "the same");
		else
			host_say(h, SETUP_NOTE, pw->pw_name, "is root, and left out");
		return 0;
	}
	if (by_name || host_is_recorder(h, pw->pw_shell) || host_shell_is_listed(h, pw->pw_shell))
		return 1;
	host_say(h, SETUP_NOTE, pw->pw_name, "cannot log in (%s), and is left out", pw->pw_shell);
	return 0;
}

static int plan_user(struct host *h, const char *user, int by_name, struct testers *t)
{
	char shell[PATH_MAX], link[PATH_MAX];
	struct tree_file wanted, was;
	struct passwd pw;
	int r = host_user(h, user, &pw);

	if (r == -ENOENT || (r == 0 && !record_user_is_good(user))) {
		host_wrong(h, user, r == 0 ? "has a name that setup does not take" :
		    "is no user of /etc/passwd");
		return 0;
	}
	if (r != 0 || !is_wanted(h, &pw, by_name))
		return r;
	if ((r = way_base(h, ITEM_SHELL, user, &was)) != 0)
		return r;
	snprintf(shell, sizeof(shell), "%s", (const char *)was.data);
	tree_release(&was);
	if (host_is_recorder(h, shell)) {
		host_say(h, SETUP_NOTE, user, "has the recorder as login shell already, not by setup");
		return 0;
	}
	if (!choose_link(h, user, shell, link))
		return 0;
	testers_add(t, user, shell);
	if ((r = tree_text(&wanted, TREE_LINK, link, strlen(link))) != 0)
		return r;
	r = way_plan(h, ITEM_SHELL, user, &wanted);
	tree_release(&wanted);
	return r;
}

struct members {
	struct host *host;
	char **name;
	size_t count, room;
};

static int add_member(void *ctx, const struct passwd *pw)
{
	struct members *m = ctx;
	int r = host_in_group(m->host, pw, m->host->q->group);

	if (r <= 0)
		return r;
	if (array_room(&m->name, m->count, &m->room, sizeof(*m->name)) != 0 ||
	    (m->name[m->count] = strdup(pw->pw_name)) == NULL)
		return -ENOMEM;
	m->count++;
	return 0;
}

static int plan_group(struct host *h, struct testers *t)
{
	struct members m = { .host = h };
	int r = host_users(h, add_member, &m);
	size_t i;

	for (i = 0; r == 0 && i < m.count; i++)
		r = plan_user(h, m.name[i], 0, t);
	for (i = 0; i < m.count; i++)
		free(m.name[i]);
	free(m.name);
	if (r == -ENOENT)
		host_wrong(h, h->q->group, "is no group of /etc/group");
	return r == -ENOENT ? 0 : r;
}

int login_shell_plan(struct host *h, const struct names *users, struct testers *t)
{
	int i, r = 0;

	for (i = 0; r == 0 && i < users->count; i++)
		r = plan_user(h, users->name[i], 1, t);
	if (r == 0 && h->q->group != NULL)
		r = plan_group(h, t);
	return r;
}

void login_shell_may(struct host *h, struct testers *t)
{
	try_recorder(h, t);
	if (h->wrong == 0)
		testers_before(h, t, 1);
}

/* Does who logs in by it get in, and into the right shell? */
static void link_holds(struct host *h, const char *user, const char *link)
{
	const char *name = link + strlen(RECORDER_AS);
	char listed[PATH_MAX];

	if (!host_is_recorder(h, link))
		host_wrong(h, user, "cannot log in: the login shell %s is not there, or not the recorder; "
		    "install shellac, or shellac setup disable login-shell %s", link, user);
	else if (host_listed_shell(h, name, listed, sizeof(listed)) != 0)
		host_wrong(h, user, "gets another shell: no %s is in /etc/shells and can be run; add it "
		    "there, or shellac setup disable login-shell %s", name, user);
}

void login_shell_holds(struct host *h)
{
	struct tree_file now;
	size_t i;

	(void)try_is_installed(h);
	for (i = 0; i < h->record.count; i++) {
		const struct item *item = &h->record.item[i];

		if (strcmp(item->what, h->what) != 0 || host_look(h, item, &now) != 0)
			continue;
		if (tree_same(&now, &item->after))
			link_holds(h, item->name, (const char *)now.data);
		tree_release(&now);
	}
}
