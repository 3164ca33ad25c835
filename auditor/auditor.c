/* SPDX-License-Identifier: ISC */
#include "auditor.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "store/access.h"
#include "err.h"
#include "escape.h"
#include "fleet/hosts.h"
#include "io.h"
#include "ledger_file.h"
#include "store/live.h"
#include "words/date.h"

#define KEYS_MAX ((size_t)HOST_CHAIN_MAX * (LEDGER_SIZE + ENTRY_MAX))

const struct command commands[] = {
	{ "list", cmd_list, "[WORD...]", "sessions, the oldest first", list_opts },
	{ "replay", cmd_replay, "ID", "play a session as it was", replay_opts },
	{ "cat", cmd_cat, "ID", "a session's output as text", cat_opts },
	{ "search", cmd_search, "PATTERN [WORDS]", "text that was shown or typed, and programs",
	    search_opts },
	{ "coverage", cmd_coverage, "[host NAME]", "who was here, and who of them was not recorded",
	    coverage_opts },
	{ "timeline", cmd_timeline, "[WORDS]", "all that happened, by time, plugins' lines too",
	    timeline_opts },
	{ "procs", cmd_procs, "[WORDS]", "processes, and the session each belongs to", procs_opts },
	{ "alive", cmd_alive, "LIFE", "whether one process goes on, or how it ended", alive_opts },
	{ "review", cmd_review, "[VERB|WORDS]", "what to look at; next, sign, submit, list",
	    review_opts },
	{ "rules", cmd_rules, "[WORDS]", "where patterns fit that somebody watches for",
	    rules_opts },
	{ "verify", cmd_verify, "[ID|FILE...]", "prove sessions, or say what is wrong",
	    verify_opts },
	{ "report", cmd_report, "[host NAME]", "evidence for an audit, and what is missing", report_opts },
	{ "bundle", cmd_bundle, "ID", "a session and what proves it, in one file", bundle_opts },
	{ "export", cmd_export, "ID", "a session in the formats of other programs", export_opts },
	{ "ledger", cmd_ledger, "[HOST]", "what the host says of all sessions together", ledger_opts },
	{ "check", cmd_check, "", "look for what is wrong with a running host", check_opts },
	{ "rotate", cmd_rotate, "", "end the ledger's epoch now", rotate_opts },
	{ "witness", cmd_witness, "", "cosign other hosts' checkpoints; shellac-witness(1)", NULL },
	{ "key", cmd_key, "VERB [FILE]", "keys: new, show, rotate, enrol, approve, ...",
	    key_opts },
	{ "fleet", cmd_fleet, "VERB", "many hosts in one database: init, add, list, ...",
	    fleet_opts },
	{ "hold", cmd_hold, "[ID...]", "keep sessions from being purged; list those that are",
	    hold_opts },
	{ "purge", cmd_purge, "ID...", "delete what sessions held; their proofs stay", purge_opts },
	{ "backup", cmd_backup, "FOLDER", "a copy of all of it, brought up to date", backup_opts },
	{ "setup", cmd_setup, "enable|disable|status WHAT...",
	    "logins: all|profile|login-shell|forcecommand|accounting", setup_opts },
	{ "status", cmd_status, "", "how the collector is doing", status_opts },
	{ NULL, NULL, NULL, NULL, NULL },
};

const struct command *command_find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

int command_next(const struct command *c, int argc, char **argv, int *done)
{
	int r = opt_next(c->opts, argc, argv, 0);

	*done = 0;
	if (r != 'h')
		return r;
	printf("usage: shellac %s [OPTION...]%s%s\n%s\n\n", c->name, c->args[0] ? " " : "",
	    c->args, c->help);
	opt_help(stdout, c->opts);
	*done = 1;
	return OPT_END;
}

int command_flag(const char *name, int argc, char **argv, int *status)
{
	int c, done, flag = 0;

	*status = AUDIT_USAGE;
	while ((c = command_next(command_find(name), argc, argv, &done)) != OPT_END) {
		if (c == OPT_USAGE)
			return -1;
		flag = 1;
	}
	if (done) {
		*status = AUDIT_OK;
		return -1;
	}
	if (optind == argc)
		return flag;
	complain("%s takes no arguments", name);
	return -1;
}

void complain(const char *fmt, ...)
{
	char raw[2048], safe[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	fflush(stdout); /* so that both stay in order on one terminal */
	fprintf(stderr, "shellac: %s\n", escape_str(safe, sizeof safe, raw));
}

int finish_stdout(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("cannot write the output: %s", strerror(errno));
	return AUDIT_CANNOT;
}

/* asked: what the collector was asked, and did not do. */
static int cannot_open(const struct auditor *a, int r, int asked)
{
	const char *what = "";

	if (r == -ENOENT)
		what = "; give -d DIR or -S STORE, or start shellacd";
	else if (asked == -EACCES || asked == -EPIPE)
		what = "; only root may read it, and the group that shellac.conf(5) calls auditors";
	else if (asked == -EINVAL)
		what = "; --reason: a line of text of at most 400 bytes";
	else if (r == -EACCES || r == -EPERM)
		what = "; only its owner may read a store, and no shellacd lets auditors in here";
	complain("%s: %s%s", a->store_path, err_text(r), what);
	return AUDIT_CANNOT;
}

/* Another folder than was meant, or one in which all was deleted, must not look like a host
 * on which nothing happened. */
static int is_store(const struct store *s)
{
	static const char *const parts[] = { "host.pub", "session", "process", LEDGER_DIR };
	size_t i;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (faccessat(s->fd, parts[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
			return 1;
	return 0;
}

int auditor_open_store(struct auditor *a)
{
	struct access *access;
	int r, asked = 0;

	if (a->conninfo != NULL)
		return a->host != NULL ? AUDIT_OK : hosts_open_only(a);
	r = store_open(&a->store, a->store_path);
	if (r == 0 && (a->knows_more || is_store(&a->store)))
		return AUDIT_OK;
	if (r == 0) {
		complain("%s: no store: it has no host.pub, session, process or ledger; give -S the "
		    "folder that has them", a->store_path);
		return AUDIT_CANNOT;
	}
	if ((r == -EACCES || r == -EPERM) && a->access[0] != '\0') {
		asked = access_connect(&access, a->access, a->command, a->reason);
		if (asked == 0) {
			store_open_by(&a->store, access);
			return AUDIT_OK;
		}
	}
	return cannot_open(a, r, asked);
}

/* host.pub of a store that its collector opens. */
static int load_key_by(struct auditor *a)
{
	uint8_t *text;
	size_t len;
	int r = store_read_file(&a->store, "host.pub", KEY_LINE_MAX, &text, &len);

	if (r != 0)
		return r;
	r = strlen((char *)text) == len ? key_pub_parse(&a->key, (char *)text) : E_KEY;
	free(text);
	return r;
}

/* The keys that followed; without the list there were none, or only the ledger knows. */
static int load_chain(struct auditor *a)
{
	char path[PATH_MAX + 32];
	uint8_t *p = NULL;
	size_t len = 0;
	int r;

	host_chain_free(&a->keys);
	if ((r = host_chain_add(&a->keys, 0, a->key.pk)) != 0)
		return r;
	snprintf(path, sizeof path, "%s/" LEDGER_DIR "/" LEDGER_KEYS, a->store_path);
	r = a->store.access != NULL || a->host != NULL ?
	    store_read_file(&a->store, LEDGER_DIR "/" LEDGER_KEYS, KEYS_MAX, &p, &len) :
	    io_read_file(AT_FDCWD, path, KEYS_MAX, &p, &len);
	if (r == 0)
		r = host_chain_read(&a->keys, p, len);
	free(p);
	return r == -ENOENT ? 0 : r;
}

void auditor_load_key(struct auditor *a)
{
	char path[PATH_MAX + 16];
	int r;

	snprintf(path, sizeof path, "%s/host.pub", a->store_path);
	if (a->host != NULL) /* never from the fleet */
		r = host_key(a->host, &a->key);
	else
		r = a->store.access != NULL ? load_key_by(a) : key_pub_load(&a->key, path);
	a->have_key = r == 0;
	if (r != 0 && r != -ENOENT)
		complain("%s: %s; certificates cannot be checked with it", path, err_text(r));
	r = r == 0 ? load_chain(a) : 0;
	if (r != 0)
		complain("%s/" LEDGER_DIR "/" LEDGER_KEYS ": %s; only shellac verify knows the newer "
		    "keys", a->store_path, err_text(r));
}

int auditor_open(struct auditor *a, int sync)
{
	int r;

	r = auditor_open_store(a);
	if (r != AUDIT_OK || a->host != NULL)
		return r;
	if (sync && a->store.access != NULL)
		(void)access_sync(a->store.access);
	else if (sync && a->control[0] != '\0')
		(void)live_sync(a->control); /* nobody there: what is stored is all there is */
	r = store_walk(&a->store);
	if (r != 0)
		return cannot_open(a, r, 0);
	auditor_load_key(a);
	return AUDIT_OK;
}

int auditor_want_all(struct auditor *a)
{
	int r = store_want_all(&a->store);

	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s", a->store_path, err_text(r));
	return AUDIT_CANNOT;
}

void auditor_close(struct auditor *a)
{
	const char *why = a->store.access != NULL ? access_why(a->store.access) : NULL;

	if (why != NULL)
		complain("the collector said: %s", why);
	host_chain_free(&a->keys);
	store_close(&a->store);
	hosts_close(a);
}

const uint8_t *auditor_pk(const struct auditor *a)
{
	return a->have_key ? a->key.pk : NULL;
}

void complain_policy(const char *path, unsigned line, int r)
{
	if (line > 0)
		complain("%s: line %u: %s; shellac-format(5) says what a policy's lines are", path,
		    line, err_text(r));
	else
		complain("%s: %s", path, err_text(r));
}

int auditor_date(const char *option, int64_t *wall_ns)
{
	if (date_parse(optarg, clock_wall(), wall_ns) == 0)
		return 0;
	complain("--%s wants " DATE_WORDS, option);
	return -1;
}
