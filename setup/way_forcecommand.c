/* SPDX-License-Identifier: ISC */
/* sshd runs the recorder, whatever its client asks for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "places.h"
#include "run.h"
#include "sshd.h"
#include "ways.h"

#define COMMAND RECORDER " --forced"
#define FORCE "ForceCommand "
#define MATCH_USER "Match User "
#define MATCH_GROUP "Match Group "
#define INTERNAL_SFTP "internal-sftp"
#define MEMBERS_MAX 64
#define HEAD "# shellac setup: logins over ssh are recorded; see shellac-rec(1)\n"

static int put_match(struct tree_file *f, const char *match, const char *values)
{
	char *text;
	int r;

	if (asprintf(&text, "%s%s\n\t" FORCE COMMAND "\n", match, values) < 0)
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
		r = put_match(f, MATCH_USER, list);
	if (r == 0 && group != NULL)
		r = put_match(f, MATCH_GROUP, group);
	if (r == 0)
		r = way_append(f, users->count > 0 || group != NULL ? "Match all\n" :
		    FORCE COMMAND "\n");
	free(list);
	return r;
}

struct group_testers {
	struct host *host;
	struct testers *testers;
};

static int may_log_in(const struct host *h, const struct passwd *pw)
{
	return host_shell_is_listed(h, pw->pw_shell) || host_is_recorder(h, pw->pw_shell);
}

static int add_member(void *ctx, const struct passwd *pw)
{
	struct group_testers *g = ctx;
	int r = host_in_group(g->host, pw, g->host->q->group);

	if (r > 0 && may_log_in(g->host, pw))
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
	struct group_testers g = { h, t };
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
	    tree_stat(&h->tree, SSHD_CONFIG_D, &st) != 0))
		host_wrong(h, SSHD_CONFIG_D, "is not there, or no " SSHD
		    ": install openssh-server");
	if (r != 0 || h->wrong > 0)
		return r;
	if ((r = way_base(h, ITEM_FILE, SSHD_DROP_IN, &base)) != 0)
		return r;
	if (base.type != TREE_NONE)
		host_wrong(h, SSHD_DROP_IN, "is there already, not by setup; put it aside");
	else if ((r = make_text(&wanted, users, h->q->group)) == 0 &&
	    (r = way_plan(h, ITEM_FILE, SSHD_DROP_IN, &wanted)) == 0)
		sshd_others(h);
	tree_release(&base);
	tree_release(&wanted);
	return r;
}

/* Whom the drop-in is for. */
struct forced {
	struct host *host;
	void (*see)(struct host *h, const char *user);
	const char *group;
	int left; /* of those whom sshd is asked of: each takes it a moment */
};

static int see_member(void *ctx, const struct passwd *pw)
{
	struct forced *f = ctx;
	int r = host_in_group(f->host, pw, f->group);

	if (r > 0 && record_user_is_good(pw->pw_name) && f->left-- > 0)
		f->see(f->host, pw->pw_name);
	return r < 0 ? r : 0;
}

/* Also who has no shell to log in with: sshd may have an sftp of its own for them. */
static int see_person(void *ctx, const struct passwd *pw)
{
	struct forced *f = ctx;

	if (testers_is_person(pw) && record_user_is_good(pw->pw_name) && f->left-- > 0)
		f->see(f->host, pw->pw_name);
	return 0;
}

static void see_line(struct forced *f, char *line)
{
	char *user;

	if (strncmp(line, MATCH_USER, strlen(MATCH_USER)) == 0) {
		line += strlen(MATCH_USER);
		while ((user = strsep(&line, ",")) != NULL)
			f->see(f->host, user);
	} else if (strncmp(line, MATCH_GROUP, strlen(MATCH_GROUP)) == 0) {
		f->group = line + strlen(MATCH_GROUP);
		(void)host_users(f->host, see_member, f);
	} else if (strncmp(line, FORCE, strlen(FORCE)) == 0) {
		(void)host_users(f->host, see_person, f);
	}
}

/* Calls see with each who is named in the drop-in as it is, or is to be; of a group or of
 * everybody with the first MEMBERS_MAX. */
static void forced_users(struct host *h, void (*see)(struct host *h, const char *user))
{
	const struct item *item = record_find(&h->record, h->what, SSHD_DROP_IN);
	struct forced f = { .host = h, .see = see, .left = MEMBERS_MAX };
	char *text = item != NULL && item->after.type == TREE_FILE ?
	    strdup((const char *)item->after.data) : NULL, *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		see_line(&f, line);
	free(text);
}

/* sshd's own sftp needs no shell, as what is forced does. */
static void has_sftp_alone(struct host *h, const char *user)
{
	char name[RECORD_USER_MAX + 1], value[1024];
	struct passwd pw;

	snprintf(name, sizeof(name), "%s", user); /* which may be in what host_user() writes to */
	if (host_user(h, name, &pw) == 0 && !may_log_in(h, &pw) &&
	    sshd_value(name, "subsystem sftp", value, sizeof(value)) == 0 &&
	    strncmp(value, INTERNAL_SFTP, strlen(INTERNAL_SFTP)) == 0)
		host_doubt(h, name, "has the shell %s, and so only the sftp of sshd itself, which "
		    "ForceCommand takes away: name other users, or a group", pw.pw_shell);
}

/* Who is in a folder of their own does not find the recorder there; and one command is
 * forced already. */
static void is_free(struct host *h, const char *user)
{
	char value[1024];
	int r;

	if (h->wrong > 0) /* one is enough */
		return;
	r = sshd_value(user, "forcecommand", value, sizeof(value));
	if (r != 0)
		host_wrong(h, user, SSHD " -T: %s", r < 0 ? err_text(r) : "it does not say what holds");
	else if (strcmp(value, "none") != 0)
		host_wrong(h, user, "has \"ForceCommand %s\" already; take it out of sshd_config "
		    "first, or name other users, or a group", value);
	if (r == 0 && sshd_value(user, "chrootdirectory", value, sizeof(value)) == 0 &&
	    strcmp(value, "none") != 0)
		host_doubt(h, user, "has ChrootDirectory %s, where there is no recorder: name other "
		    "users, or a group", value);
	if (h->wrong == 0)
		has_sftp_alone(h, user);
}

/* 0 where sshd takes what it would read now; else that was said, and 1. */
static int is_refused(struct host *h, const char *when)
{
	char *said = malloc(RUN_SAID_MAX);
	int bad = said == NULL || sshd_test(said) != 0;

	if (bad)
		host_wrong(h, SSHD_CONFIG, "sshd does not take it %s: %s", when,
		    said != NULL ? said : err_text(-ENOMEM));
	free(said);
	return bad;
}

void forcecommand_may(struct host *h, struct testers *t)
{
	try_recorder(h, t);
	if (h->wrong > 0 || h->q->root != NULL || is_refused(h, "as it is"))
		return;
	forced_users(h, is_free);
	if (h->wrong == 0)
		testers_before(h, t, 0);
}

/* In force for those who are meant? */
static void is_forced(struct host *h, const char *user)
{
	char value[1024];

	if (sshd_value(user, "forcecommand", value, sizeof(value)) == 0 &&
	    strcmp(value, COMMAND) == 0)
		return;
	if (strcmp(value, "none") == 0)
		host_wrong(h, user, "sshd would not run the recorder: does " SSHD_CONFIG
		    " have \"Include " SSHD_CONFIG_D "/*.conf\" at its beginning?");
	else
		host_wrong(h, user, "sshd would run \"%s\": take that out of sshd_config, or behind "
		    "its Include of " SSHD_CONFIG_D, value);
}

static int holds(struct host *h)
{
	const int before = h->wrong;

	forced_users(h, is_forced);
	return h->wrong > before;
}

void forcecommand_holds(struct host *h)
{
	if (h->wrong > 0 || !try_is_installed(h))
		return;
	sshd_others(h);
	if (h->q->root == NULL && !is_refused(h, "any more"))
		(void)holds(h);
}

/* Given back where sshd was removed, there is nobody who could take it, or be told. */
static int is_sshd_gone(const struct host *h, int enable)
{
	struct stat st;

	return !enable && tree_stat(&h->tree, SSHD, &st) == -ENOENT;
}

int forcecommand_works(struct host *h, const struct testers *t, int enable)
{
	if (h->q->root != NULL || is_sshd_gone(h, enable))
		return 0;
	return is_refused(h, "any more") || (enable && (holds(h) != 0 || testers_after(h, t) != 0));
}

void forcecommand_tell(struct host *h, int enable)
{
	if (!is_sshd_gone(h, enable))
		(void)tell_daemon(h, "ssh", "reload");
}
