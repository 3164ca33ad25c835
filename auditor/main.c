/* SPDX-License-Identifier: ISC */
/*
 * shellac: what was recorded, for the people who have to answer for it.
 *
 *   main.c           options of the program, the table of commands
 *   cmd_*.c          one command each
 *   key_*.c          verbs of key: making, enrolling
 *   auditor.c        what commands share: opening a store, messages
 *   options.c        option tables: parsing and help
 *   store.c          sessions of a store, by their names; store_walk.c: its folders
 *   process_walk.c   process records of a store; process_index.c: which to read
 *   procs_*.c        what procs does with them
 *   cache.c          where indexes are kept; cache_db.c: as SQLite files
 *   alive.c          does one process go on, or how did it end?
 *   expression.c     search expressions; date.c: dates as people type them
 *   pattern.c        what is looked for in text
 *   select.c         from what the user typed to a session
 *   judge.c          the verdict on one session file
 *   shown.c          its events, once they are known to be right
 *   evidence.c       what the ledger says of each session; pin.c: kept checkpoints
 *   agree.c          is a session's file the one that the ledger knows?
 *   bundle.c         a session and its proofs in one file
 *   export/          a session in the formats of other programs, and as a page
 *   report/          evidence for an audit: gather_*.c, one section each, into report.c;
 *                    report_text.c, report_json.c, report_html.c write it down
 *   sessions/        what is known of each session, kept in a cache; list, and its words
 *   search/          text that was shown or typed, and its index
 *   review/          what somebody should look at, sign-offs; rules.c, rule_parse.c:
 *                    patterns that somebody watches for; cmd_review.c, cmd_rules.c
 *   ledger_text.c    what an entry of the ledger says
 *   live.c           questions to a running collector; access.c: to one that opens the
 *                    store for those who may not
 *   check.c          what a doctor says; check_*.c: one topic each
 *   replay/          a session on the auditor's terminal, wound both ways
 *   terminal.c       that terminal
 *   replay_filter.c  what a recording may do where nobody emulates a terminal
 *   vt.c             escape sequences
 *   screen/          what stood on the terminal, the lines that a person read, commands
 *   sink.c json.c table.c pager.c progress.c   output
 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "auditor.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static const struct opt global_opts[] = {
	{ 'd', "dir", "DIR", "everything is below DIR (default: $SHELLAC_DIR, else the system's)" },
	{ 'S', "store", "STORE", "read this store, or a copy of one, without a collector" },
	{ 'r', "reason", "TEXT", "why, for the ledger, where shellacd gives access to the store" },
	{ 'h', "help", NULL, "show this help" },
	{ 'V', "version", NULL, "show the version" },
	{ 0 },
};

static void help(FILE *f)
{
	const struct command *c;

	fprintf(f, "usage: shellac [-d DIR | -S STORE] COMMAND [OPTION...] [ARGUMENT...]\n\n");
	opt_help(f, global_opts);
	fprintf(f, "\ncommands:\n");
	for (c = commands; c->name != NULL; c++) {
		char left[64];

		snprintf(left, sizeof left, "%s %s", c->name, c->args);
		fprintf(f, "  %-22s  %s\n", left, c->help);
	}
	fprintf(f, "\nID: a session's number, the start of its id (4 digits or more), or \"last\".\n"
	    "shellac COMMAND --help shows a command's options.\n");
}

static int set_places(struct auditor *a, const char *dir, const char *store)
{
	struct paths *p = &a->paths;
	int r;

	if (store != NULL) {
		snprintf(a->store_path, sizeof a->store_path, "%s", store);
		return AUDIT_OK;
	}
	r = paths_init(p, dir);
	if (r != 0 || snprintf(a->control, sizeof a->control, "%s/control.sock", p->run) >=
	    (int)sizeof a->control || snprintf(a->access, sizeof a->access, "%s/access.sock",
	    p->run) >= (int)sizeof a->access) {
		complain("%s: this path is too long or not there", dir != NULL ? dir : "/");
		return AUDIT_CANNOT;
	}
	snprintf(a->store_path, sizeof a->store_path, "%s", p->store);
	a->installed = dir == NULL;
	return AUDIT_OK;
}

static int run_command(struct auditor *a, int argc, char **argv)
{
	const struct command *c;
	int r;

	if (argc < 1) {
		help(stderr);
		return AUDIT_USAGE;
	}
	c = command_find(argv[0]);
	if (c == NULL) {
		complain("%s: no such command; shellac --help lists them", argv[0]);
		return AUDIT_USAGE;
	}
	a->command = c->name;
	optind = 0; /* glibc: start anew, so that options may follow arguments again */
	r = c->run(a, argc, argv);
	auditor_close(a);
	return finish_stdout(r);
}

int main(int argc, char **argv)
{
	static struct auditor a;
	const char *dir = getenv("SHELLAC_DIR"), *store = NULL;
	int c, dir_given = 0;

	a.store.fd = -1;
	a.reason = "";
	if (sodium_init() < 0)
		return AUDIT_CANNOT;
	while ((c = opt_next(global_opts, argc, argv, 1)) != OPT_END) {
		switch (c) {
		case 'd':
			dir = optarg;
			dir_given = 1;
			break;
		case 'S':
			store = optarg;
			break;
		case 'r':
			a.reason = optarg;
			break;
		case 'h':
			help(stdout);
			return finish_stdout(AUDIT_OK);
		case 'V':
			printf("shellac " PACKAGE_VERSION "\n");
			return finish_stdout(AUDIT_OK);
		default:
			return AUDIT_USAGE;
		}
	}
	if (dir_given && store != NULL) {
		complain("-d and -S exclude each other");
		return AUDIT_USAGE;
	}
	c = set_places(&a, dir != NULL && dir[0] != '\0' ? dir : NULL, store);
	return c != AUDIT_OK ? c : run_command(&a, argc - optind, argv + optind);
}
