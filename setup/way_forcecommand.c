/* SPDX-License-Identifier: ISC */
/* sshd runs the recorder, whatever its client asks for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "places.h"
#include "run.h"
#include "ways.h"

#define SSHD "/usr/sbin/sshd"
#define SSHD_CONFIG "/etc/ssh/sshd_config"
#define SSHD_RUN "/run/sshd" /* without it sshd tests nothing */
#define SSHD_MS 30000
#define COMMAND RECORDER " --forced"
#define HEAD "# shellac setup: logins over ssh are recorded; see shellac-rec(1)\n"

static int sshd(const char *const *argv, char *said)
{
	int made = mkdir(SSHD_RUN, 0755) == 0, r = run_program(argv, NULL, SSHD_MS, said);

	if (made)
		(void)rmdir(SSHD_RUN);
	return r;
}

/* 0 where sshd takes its configuration; said is in one line where it does not. */
static int sshd_test(char *said)
{
	static const char *const argv[] = { SSHD, "-t", "-f", SSHD_CONFIG, NULL };
	int r = sshd(argv, said);

	if (r < 0)
		snprintf(said, RUN_SAID_MAX, "%s", err_text(r));
	said[strcspn(said, "\n")] = '\0';
	return r;
}

/* What sshd_config says for the user: key's value in out, or "none". */
static int sshd_value(const char *user, const char *key, char *out, size_t size)
{
	char whom[RECORD_USER_MAX + 64], *said = malloc(RUN_SAID_MAX), *line, *rest;
	const char *argv[] = { SSHD, "-T", "-f", SSHD_CONFIG, "-C", whom, NULL };
	size_t len = strlen(key);
	int r;

	snprintf(out, size, "none");
	snprintf(whom, sizeof(whom), "user=%s,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,"
	    "lport=22", user);
	if (said == NULL)
		return -ENOMEM;
	r = sshd(argv, said);
	rest = said;
	while (r == 0 && (line = strsep(&rest, "\n")) != NULL)
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			snprintf(out, size, "%s", line + len + 1);
	free(said);
	return r;
}

static int put_match(struct tree_file *f, const char *criterion, const char *values)
{
	char *text;
	int r;

	if (asprintf(&text, "Match %s %s\n\tForceCommand " COMMAND "\n", criterion, values) < 0)
		return -ENOMEM;
	r = way_append(f, text);
	free(text);
	return r;
}

/* user,user,... on the heap */
static char *list_of(const struct names *users)
{
	size_t len = 1;
	char *out;
	int i;

	for (i = 0; i < users->count; i++)
		len += strlen(users->name[i]) + 1;
	out = calloc(1, len);
	for (i = 0; out != NULL && i < users->count; i++)
		snprintf(out + strlen(out), len - strlen(out), "%s%s", i > 0 ? "," : "",
		    users->name[i]);
	return out;
}

/* Nobody in particular: everybody. */
static int make_text(struct tree_file *f, const struct names *users, const char *group)
{
	char *list = list_of(users);
	int r = list == NULL ? -ENOMEM : tree_text(f, TREE_FILE, HEAD, strlen(HEAD));

	if (r == 0 && users->count > 0)
		r = put_match(f, "User", list);
	if (r == 0 && group != NULL)
		r = put_match(f, "Group", group);
	if (r == 0)
		r = way_append(f, users->count > 0 || group != NULL ? "Match all\n" :
		    "ForceCommand " COMMAND "\n");
	free(list);
	return r;
}

struct group_testers {
	struct host *host;
	struct testers *testers;
	int found;
};

static int add_member(void *ctx, const struct passwd *pw)
{
	struct group_testers *g = ctx;
	int r = host_in_group(g->host, pw, g->host->q->group);

	if (r > 0 && (host_shell_is_listed(g->host, pw->pw_shell) ||
	    host_is_recorder(g->host, pw->pw_shell)))
		testers_add(g->testers, pw->pw_name, pw->pw_shell);
	return r < 0 ? r : 0;
}

/* A pattern or a comma would mean others than those who were named. */
static int is_plain(const char *name)
{
	return record_user_is_good(name) && strpbrk(name, "*?!#") == NULL;
}

static int choose_testers(struct host *h, const struct names *users, struct testers *t)
{
	struct group_testers g = { h, t, 0 };
	struct passwd pw;
	int i, r = 0;

	for (i = 0; i < users->count; i++) {
		if (!is_plain(users->name[i]) || host_user(h, users->name[i], &pw) != 0)
			host_wrong(h, users->name[i], "is no user of /etc/passwd");
		else
			testers_add(t, pw.pw_name, pw.pw_shell);
	}
	if (h->q->group != NULL)
		r = is_plain(h->q->group) ? host_users(h, add_member, &g) : -ENOENT;
	else if (users->count == 0)
		r = testers_of_host(h, t);
	if (r == -ENOENT && h->q->group != NULL)
		host_wrong(h, h->q->group, "is no group of /etc/group");
	return r == -ENOENT ? 0 : r;
}

int forcecommand_plan(struct host *h, const struct names *users, struct testers *t)
{
	struct tree_file wanted = { 0 }, base;
	struct stat st;
	int r = choose_testers(h, users, t);

	t->way = try_forced;
	if (r == 0 && (tree_stat(&h->tree, SSHD, &st) != 0 ||
	    tree_stat(&h->tree, "/etc/ssh/sshd_config.d", &st) != 0))
		host_wrong(h, "/etc/ssh/sshd_config.d", "is not there, or no " SSHD
		    ": install openssh-server");
	if (r != 0 || h->wrong > 0)
		return r;
	if ((r = way_base(h, ITEM_FILE, SSHD_DROP_IN, &base)) != 0)
		return r;
	if (base.type != TREE_NONE)
		host_wrong(h, SSHD_DROP_IN, "is there already, not by setup; put it aside");
	else if ((r = make_text(&wanted, users, h->q->group)) == 0)
		r = way_plan(h, ITEM_FILE, SSHD_DROP_IN, &wanted);
	tree_release(&base);
	tree_release(&wanted);
	return r;
}

/* Who is in a folder of their own does not find the recorder there; and one command is
 * forced already. */
static void is_free(struct host *h, const char *user)
{
	char value[1024];
	int r = sshd_value(user, "forcecommand", value, sizeof(value));

	if (r != 0)
		host_wrong(h, user, SSHD " -T: %s", r < 0 ? err_text(r) : "it does not say what holds");
	else if (strcmp(value, "none") != 0)
		host_wrong(h, user, "has \"ForceCommand %s\" already; take it out of sshd_config "
		    "first", value);
	if (r == 0 && sshd_value(user, "chrootdirectory", value, sizeof(value)) == 0 &&
	    strcmp(value, "none") != 0)
		host_doubt(h, user, "has ChrootDirectory %s, where there is no recorder: name other "
		    "users, or a group", value);
}

void forcecommand_may(struct host *h, struct testers *t)
{
	char *said;
	int i;

	try_recorder(h, t);
	if (h->wrong > 0 || h->q->root != NULL || (said = malloc(RUN_SAID_MAX)) == NULL)
		return;
	if (sshd_test(said) != 0)
		host_wrong(h, SSHD_CONFIG, "sshd does not take it as it is: %s", said);
	free(said);
	for (i = 0; h->wrong == 0 && i < t->count; i++)
		is_free(h, t->one[i].user);
	if (h->wrong == 0)
		testers_before(h, t, 0);
}

/* In force for those who are meant? */
static int holds(struct host *h, const struct testers *t)
{
	char value[1024];
	int i, bad = 0;

	for (i = 0; i < t->count; i++) {
		if (sshd_value(t->one[i].user, "forcecommand", value, sizeof(value)) == 0 &&
		    strcmp(value, COMMAND) == 0)
			continue;
		host_wrong(h, t->one[i].user, "sshd would run \"%s\": does " SSHD_CONFIG
		    " have \"Include /etc/ssh/sshd_config.d/*.conf\" at its beginning?", value);
		bad = 1;
	}
	return bad;
}

int forcecommand_works(struct host *h, const struct testers *t, int enable)
{
	char *said;
	int bad;

	if (h->q->root != NULL)
		return 0;
	if ((said = malloc(RUN_SAID_MAX)) == NULL)
		return 1;
	bad = sshd_test(said) != 0;
	if (bad)
		host_wrong(h, SSHD_CONFIG, "sshd does not take it any more: %s", said);
	free(said);
	return bad || (enable && (holds(h, t) != 0 || testers_after(h, t) != 0));
}

void forcecommand_tell(struct host *h, int enable)
{
	(void)enable;
	(void)tell_daemon(h, "ssh", "reload");
}
