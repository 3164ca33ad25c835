/* SPDX-License-Identifier: ISC */
#include "try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "err.h"
#include "paths.h"
#include "places.h"
#include "run.h"

/* quoted so that the echo of what is typed is not what comes of it, in any shell */
#define MARKED "shellac-login"
#define COMMAND "echo shellac-log''in"
#define LEAVE "exit\r"
#define LIMIT_MS 40000
#define PROBE_REFUSED 125
#define UID_PEOPLE 1000 /* UID_MIN of login.defs(5) */
#define UID_NOBODY 65534

void testers_add(struct testers *t, const char *user, const char *shell)
{
	int i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->one[i].shell, shell) == 0)
			return;
	if (t->count == TESTERS_MAX || !record_user_is_good(user))
		return;
	snprintf(t->one[i].user, sizeof(t->one[i].user), "%s", user);
	snprintf(t->one[i].shell, sizeof(t->one[i].shell), "%s", shell);
	t->count++;
}

struct choice {
	struct host *host;
	struct testers *testers;
	int root; /* this time it is root's turn */
};

int testers_is_person(const struct passwd *pw)
{
	return (pw->pw_uid == 0 || (pw->pw_uid >= UID_PEOPLE && pw->pw_uid != UID_NOBODY)) &&
	    strncmp(pw->pw_name, PATHS_RECORDER_USER, sizeof(PATHS_RECORDER_USER) - 1) != 0;
}

static int choose(void *ctx, const struct passwd *pw)
{
	struct choice *c = ctx;

	if (testers_is_person(pw) && (pw->pw_uid == 0) == c->root && (host_is_recorder(c->host, pw->pw_shell) ||
	    host_shell_is_listed(c->host, pw->pw_shell)))
		testers_add(c->testers, pw->pw_name, pw->pw_shell);
	return 0;
}

int testers_of_host(struct host *h, struct testers *t)
{
	struct choice c = { h, t, 0 };
	int r = host_users(h, choose, &c);

	c.root = 1;
	return r != 0 ? r : host_users(h, choose, &c);
}

void testers_before(struct host *h, struct testers *t, int must)
{
	char why[TRY_WHY];
	int i;

	for (i = 0; h->q->root == NULL && !h->q->dry_run && i < t->count; i++) {
		t->one[i].worked = t->way(h, t->one[i].user, why) == 0;
		if (t->one[i].worked)
			continue;
		if (must)
			host_doubt(h, t->one[i].user, "cannot log in as it is: %s", why);
		else
			host_say(h, SETUP_NOTE, t->one[i].user, "cannot log in as it is, so that it "
			    "cannot be tested: %s", why);
	}
}

int testers_after(struct host *h, const struct testers *t)
{
	char why[TRY_WHY];
	int i, bad = 0;

	for (i = 0; h->q->root == NULL && i < t->count; i++) {
		if (!t->one[i].worked)
			continue;
		if (t->way(h, t->one[i].user, why) == 0) {
			host_say(h, SETUP_NOTE, t->one[i].user, "tested: logs in");
			continue;
		}
		host_wrong(h, t->one[i].user, "could log in before, and cannot now: %s", why);
		bad = 1;
	}
	return bad;
}

/* The last that was said, in one line. */
static int explain(char *why, int r, const char *said)
{
	const char *tail = strlen(said) > 300 ? said + strlen(said) - 300 : said;

	if (r == 0)
		snprintf(why, TRY_WHY, "it answers otherwise: %s", tail);
	else if (r < 0)
		snprintf(why, TRY_WHY, "%s: %s", err_text(r), tail);
	else
		snprintf(why, TRY_WHY, "status %d: %s", r, tail);
	return 1;
}

int try_login(struct host *h, const char *user, char *why)
{
	const char *su = access("/bin/su", X_OK) == 0 ? "/bin/su" : "/usr/bin/su";
	const char *on_terminal[] = { su, "-", user, NULL };
	const char *command[] = { su, "-", user, "-c", COMMAND, NULL };
	char *said = malloc(RUN_SAID_MAX);
	int r, bad = 0;

	(void)h;
	if (said == NULL)
		return explain(why, -ENOMEM, "");
	r = run_program(command, NULL, LIMIT_MS, said);
	if (r != 0 || strstr(said, MARKED) == NULL)
		bad = explain(why, r, said);
	if (!bad && (r = run_on_terminal(on_terminal, COMMAND "\r", MARKED, LEAVE, LIMIT_MS,
	    said)) != 0)
		bad = explain(why, r, said);
	free(said);
	return bad;
}

int try_forced(struct host *h, const char *user, char *why)
{
	static const char *const environment[] = { "SSH_ORIGINAL_COMMAND=" COMMAND, NULL };
	struct run_as as = { .env = environment };
	char shell[256], *said;
	const char *argv[] = { shell, "-c", RECORDER " --forced", NULL };
	struct passwd pw;
	int r = host_user(h, user, &pw), bad = 0;

	said = malloc(RUN_SAID_MAX);
	if (r != 0 || said == NULL) {
		free(said);
		return explain(why, r != 0 ? r : -ENOMEM, "");
	}
	as.user = user;
	as.uid = pw.pw_uid;
	as.gid = pw.pw_gid;
	snprintf(shell, sizeof(shell), "%s", pw.pw_shell[0] != '\0' ? pw.pw_shell : "/bin/sh");
	r = run_program(argv, &as, LIMIT_MS, said);
	if (r != 0 || strstr(said, MARKED) == NULL)
		bad = explain(why, r, said);
	free(said);
	return bad;
}

/* The probe of one user's. */
static void probe(struct host *h, const char *user)
{
	const char *argv[] = { RECORDER, "--probe", NULL };
	struct run_as as = { .user = user };
	char *said = malloc(RUN_SAID_MAX);
	struct passwd pw;
	int r = host_user(h, user, &pw);

	if (r == 0 && said != NULL) {
		as.uid = pw.pw_uid;
		as.gid = pw.pw_gid;
		r = run_program(argv, &as, LIMIT_MS, said);
		if (r == PROBE_REFUSED)
			host_doubt(h, user, "would be kept out: away = strict in " SHELLAC_CONF
			    ", and nothing can be recorded; start shellacd, shellac check");
		else if (r != 0)
			host_doubt(h, user, "would not be recorded; start shellacd, see shellac check");
	}
	free(said);
}

int try_is_installed(struct host *h)
{
	struct statvfs fs;
	struct passwd pw;
	struct stat st;
	int r = tree_stat(&h->tree, RECORDER, &st);

	if (r != 0) {
		host_wrong(h, RECORDER, "%s; install shellac", err_text(r));
		return 0;
	}
	if (host_user(h, PATHS_RECORDER_USER, &pw) != 0) {
		host_doubt(h, RECORDER, "there is no user " PATHS_RECORDER_USER
		    "; systemd-sysusers, then make install-setuid");
		return 0;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != pw.pw_uid || (st.st_mode & 07777) != 04755) {
		host_doubt(h, RECORDER, "is not set-user-ID " PATHS_RECORDER_USER
		    ", and records nobody; shellac check names what mends it");
		return 0;
	}
	if (h->q->root == NULL && statvfs(RECORDER, &fs) == 0 &&
	    (fs.f_flag & (ST_NOSUID | ST_NOEXEC)) != 0) {
		host_doubt(h, RECORDER, "is on a file system mounted nosuid or noexec");
		return 0;
	}
	return 1;
}

void try_recorder(struct host *h, const struct testers *t)
{
	int i;

	if (!try_is_installed(h) || h->q->root != NULL)
		return;
	for (i = 0; i < t->count; i++)
		probe(h, t->one[i].user);
}
