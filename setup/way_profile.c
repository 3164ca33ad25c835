/* SPDX-License-Identifier: ISC */
/* Snippets where the shells read them, shellac-rec(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "places.h"
#include "run.h"
#include "ways.h"

#define READ_MS 10000
#define ZSH_SNIPPET SNIPPETS "/shellac.zsh"
/* one that is gone must not keep a zsh from its work */
#define ZSH_LINES "# shellac setup: login shells are recorded; see shellac-rec(1)\n" \
	"if [[ -r " ZSH_SNIPPET " ]]; then\n\tsource " ZSH_SNIPPET "\nfi\n"

static const struct {
	const char *path, *snippet, *shells;
} places[] = {
	{ PROFILE_SH, SNIPPETS "/shellac.sh", "sh, bash, ksh and mksh" },
	{ PROFILE_CSH, SNIPPETS "/shellac.csh", "csh and tcsh" },
	{ PROFILE_FISH, SNIPPETS "/shellac.fish", "fish" },
	{ PROFILE_ZSH, ZSH_SNIPPET, "zsh" },
};

static int is_folder_there(const struct host *h, const char *path)
{
	char folder[64];
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	return tree_stat(&h->tree, folder, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Does a line of it, no comment, name the snippet? */
static int has_line(const struct tree_file *f, const char *snippet)
{
	const char *at = (const char *)f->data, *line;

	while (at != NULL && (at = strstr(at, snippet)) != NULL) {
		for (line = at; line > (const char *)f->data && line[-1] != '\n'; line--)
			;
		line += strspn(line, " \t");
		if (line[0] != '#')
			return 1;
		at++;
	}
	return 0;
}

static int plan_link(struct host *h, const char *path, const char *snippet)
{
	struct tree_file base = { 0 }, wanted = { 0 };
	int r = way_base(h, ITEM_FILE, path, &base);

	if (r == 0)
		r = tree_text(&wanted, TREE_LINK, snippet, strlen(snippet));
	if (r == 0 && base.type == TREE_FILE && has_line(&base, "shellac-"))
		host_say(h, SETUP_NOTE, path, "is there already, not by setup, and stays as it is");
	else if (r == 0 && base.type != TREE_NONE && !tree_same(&base, &wanted))
		host_wrong(h, path, "is there already, and not shellac's; put it aside");
	else if (r == 0)
		r = way_plan(h, ITEM_FILE, path, &wanted);
	tree_release(&base);
	tree_release(&wanted);
	return r;
}

static int plan_lines(struct host *h, const char *path)
{
	struct tree_file text = { 0 };
	int r = way_base(h, ITEM_FILE, path, &text);

	if (r != 0)
		return r;
	if (text.type == TREE_LINK)
		host_wrong(h, path, "is a link: add \"source " ZSH_SNIPPET "\" to what it leads to");
	else if (has_line(&text, ZSH_SNIPPET))
		host_say(h, SETUP_NOTE, path, "has it already, not by setup, and stays as it is");
	else if ((r = way_append(&text, ZSH_LINES)) == 0)
		r = way_plan(h, ITEM_FILE, path, &text);
	tree_release(&text);
	return r;
}

int profile_plan(struct host *h, const struct names *users, struct testers *t)
{
	struct stat st;
	size_t i;
	int r = 0;

	(void)users;
	for (i = 0; r == 0 && i < sizeof(places) / sizeof(*places); i++) {
		if (!is_folder_there(h, places[i].path))
			host_say(h, SETUP_NOTE, places[i].path, "is not needed: no %s here",
			    places[i].shells);
		else if ((r = tree_stat(&h->tree, places[i].snippet, &st)) != 0)
			host_wrong(h, places[i].snippet, "%s; install shellac", err_text(r));
		else if (strcmp(places[i].path, PROFILE_ZSH) == 0)
			r = plan_lines(h, places[i].path);
		else
			r = plan_link(h, places[i].path, places[i].snippet);
	}
	return h->wrong > 0 ? 0 : r != 0 ? r : testers_of_host(h, t);
}

/* One that a user cannot read is passed over by the shells, silently: the folders above it
 * are those of whoever installed it, with what umask there was. */
static void can_read(struct host *h, const char *user, const char *snippet)
{
	const char *argv[] = { "/usr/bin/test", "-r", snippet, NULL };
	struct run_as as = { .user = user };
	char *said = malloc(RUN_SAID_MAX);
	struct passwd pw;

	if (said != NULL && host_user(h, user, &pw) == 0) {
		as.uid = pw.pw_uid;
		as.gid = pw.pw_gid;
		if (run_program(argv, &as, READ_MS, said) != 0)
			host_doubt(h, snippet, "cannot be read by %s: chmod a+rX it and the folders above",
			    user);
	}
	free(said);
}

void profile_may(struct host *h, struct testers *t)
{
	size_t i;

	try_recorder(h, t);
	for (i = 0; h->q->root == NULL && t->count > 0 && i < sizeof(places) / sizeof(*places); i++)
		can_read(h, t->one[0].user, places[i].snippet);
	if (h->wrong == 0)
		testers_before(h, t, 0);
}

int profile_works(struct host *h, const struct testers *t, int enable)
{
	(void)enable;
	return testers_after(h, t);
}

void profile_holds(struct host *h)
{
	struct stat st;
	size_t i;

	if (!try_is_installed(h))
		return;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (record_find(&h->record, h->what, places[i].path) != NULL &&
		    tree_stat(&h->tree, places[i].snippet, &st) != 0)
			host_wrong(h, places[i].path, "leads to %s, which is not there: install shellac, "
			    "or shellac setup disable profile", places[i].snippet);
}
