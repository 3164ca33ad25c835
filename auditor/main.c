/* SPDX-License-Identifier: ISC */
/*
 * shellac: what was recorded, for the people who have to answer for it.
 *
 * main.c has the program's options, auditor.c the table of commands and what they share;
 * each command is a cmd_*.c in the folder of its topic.  In the order of the data's way:
 *
 *   store/      where sessions come from: folders, the collector's access, the database of a
 *               fleet; caches
 *   fleet/      the hosts of a fleet
 *   verify/     what of them is proven: judge.c one file, shown.c its events once they are
 *               right, evidence.c what the ledger says, bundle.c both in one file
 *   ledger/     the host's ledger, for eyes
 *   words/      what was asked for: options, expressions, dates
 *   screen/     what stood on the terminal; transcript.c the lines that a person read,
 *               commands.c what was done; cat
 *   replay/     a session on the auditor's terminal, wound both ways
 *   search/     text that was shown or typed, and its index
 *   sessions/   what is known of each session, kept in a cache; list
 *   procs/      processes: process_walk.c reads them, process_index.c knows where, procs_*.c
 *               show them, alive.c follows one
 *   coverage/   who was there and was not recorded
 *   timeline/   all of it by time, with what input plugins brought
 *   export/     a session in the formats of other programs, and as a page
 *   report/     evidence for an audit: gather_*.c, a section each; report_*.c write it down
 *   review/     what somebody should look at, sign-offs, and rules
 *   key/        keys and enrolments
 *   host/       a running host: status, epochs, holds, purges
 *   backup/     a copy of a store, brought up to date
 *   check/      what is wrong with it, a topic each
 *   output/     tables, JSON, pages of a pager
 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "auditor.h"
#include "../fleet/db.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static const struct opt global_opts[] = {
	{ 'd', "dir", "DIR", "everything is below DIR (default: $SHELLAC_DIR, else the system's)" },
	{ 'S', "store", "STORE", "read this store, or a copy of one, without a collector; or a "
	    "fleet: postgresql://... or host=... dbname=..." },
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
	fprintf(f, "\nID: a session's number, the start of its id (4 digits or more), or \"last\"; in a "
	    "fleet\nHOST/ID, and without HOST/ where only one host has such a session.\n"
	    "shellac COMMAND --help shows a command's options.\n");
}

static int set_places(struct auditor *a, const char *dir, const char *store)
{
	struct paths *p = &a->paths;
	int r;

	if (store != NULL && fleet_is_conninfo(store)) {
		a->conninfo = store;
		snprintf(a->store_path, sizeof a->store_path, "the fleet");
		return AUDIT_OK;
	}
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
