/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_AUDITOR_H
#define SHELLAC_AUDITOR_H

#include <getopt.h>
#include <limits.h>

#include "host_chain.h"
#include "keys.h"
#include "words/options.h"
#include "paths.h"
#include "store/store.h"

/* Exit statuses, shellac(1).  AUDIT_FINDING wins over AUDIT_CANNOT: a finding is
 * never hidden behind a file that could not be read. */
enum {
	AUDIT_OK = 0,
	AUDIT_FINDING = 1,
	AUDIT_USAGE = 2,
	AUDIT_CANNOT = 3,
};

struct fleet;
struct fleet_host;
struct fleet_narrow;

/* What a command works on. */
struct auditor {
	char store_path[PATH_MAX];
	struct paths paths;     /* unset for a copied store */
	int installed;          /* in the system's places */
	const char *command;    /* that runs, and why: what a collector logs */
	const char *reason;
	char access[PATH_MAX];  /* the socket to ask where the store is closed to us, or "" */
	char control[PATH_MAX]; /* the collector's socket, "" for a copied store */
	const char *conninfo;   /* -S named a fleet's database, libpq's words; or NULL */
	struct fleet *fleet;    /* ... which is open, and the host in it whose store is */
	const struct fleet_host *host;
	const struct fleet_narrow *narrow; /* sessions of a fleet that are asked for; NULL: all */
	struct store store;     /* open after auditor_open() */
	struct host_pub key;    /* after auditor_open(), if have_key: the host's first one, */
	struct host_chain keys; /* and those that followed, by the store's own list */
	int have_key;
	int knows_more;         /* than the store says: one of which nothing is left is opened */
};

struct command {
	const char *name;
	int (*run)(struct auditor *a, int argc, char **argv); /* returns an exit status */
	const char *args;
	const char *help;
	const struct opt *opts;
};

/* The table, ended by a name of NULL. */
extern const struct command commands[];

/* Options of the running command: as opt_next(), --help included, which is
 * answered here and gives OPT_END with *done set. */
int command_next(const struct command *c, int argc, char **argv, int *done);

/* The arguments of a command that takes none, and of options one flag beside
 * --help: is it there?  1 or 0; -1 where there is no more to do, with the exit
 * status in *status and said why. */
int command_flag(const char *name, int argc, char **argv, int *status);

/* Opens the store alone, itself or through its collector.  0, or AUDIT_CANNOT with a
 * message. */
int auditor_open_store(struct auditor *a);

/* Opens the store, walks it and reads host.pub.  sync: first lets the collector
 * take in all there is, if one answers.  0, or AUDIT_CANNOT with a message. */
int auditor_open(struct auditor *a, int sync);

/* The same for the session that text names, synced: of a fleet the host that has it. */
int auditor_open_for(struct auditor *a, const char *text);

/* All sessions are about to be read: see store_want_all().  As above. */
int auditor_want_all(struct auditor *a);

void auditor_close(struct auditor *a);

/* Reads the store's host.pub and the keys behind it: sets key, keys and have_key, or says
 * why not. */
void auditor_load_key(struct auditor *a);

/* host_pk for lib functions: NULL without a key. */
const uint8_t *auditor_pk(const struct auditor *a);

/* "shellac: ..." on stderr, with everything foreign escaped. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The witness policy at path cannot be taken: r, as policy_load() and its line say. */
void complain_policy(const char *path, unsigned line, int r);

/* The date of this option, in optarg.  0; -1: it is none, which is said. */
int auditor_date(const char *option, int64_t *wall_ns);

/* Flushes stdout.  AUDIT_CANNOT with a message if anything could not be
 * written, else status. */
int finish_stdout(int status);

int cmd_alive(struct auditor *a, int argc, char **argv);
int cmd_backup(struct auditor *a, int argc, char **argv);
int cmd_bundle(struct auditor *a, int argc, char **argv);
int cmd_cat(struct auditor *a, int argc, char **argv);
int cmd_check(struct auditor *a, int argc, char **argv);
int cmd_ledger(struct auditor *a, int argc, char **argv);
int cmd_coverage(struct auditor *a, int argc, char **argv);
int cmd_export(struct auditor *a, int argc, char **argv);
int cmd_fleet(struct auditor *a, int argc, char **argv);
int cmd_hold(struct auditor *a, int argc, char **argv);
int cmd_key(struct auditor *a, int argc, char **argv);
int cmd_list(struct auditor *a, int argc, char **argv);
int cmd_procs(struct auditor *a, int argc, char **argv);
int cmd_purge(struct auditor *a, int argc, char **argv);
int cmd_rules(struct auditor *a, int argc, char **argv);
int cmd_review(struct auditor *a, int argc, char **argv);
int cmd_replay(struct auditor *a, int argc, char **argv);
int cmd_report(struct auditor *a, int argc, char **argv);
int cmd_rotate(struct auditor *a, int argc, char **argv);
int cmd_search(struct auditor *a, int argc, char **argv);
int cmd_setup(struct auditor *a, int argc, char **argv);
int cmd_status(struct auditor *a, int argc, char **argv);
int cmd_timeline(struct auditor *a, int argc, char **argv);
int cmd_verify(struct auditor *a, int argc, char **argv);
int cmd_witness(struct auditor *a, int argc, char **argv);

extern const struct opt alive_opts[], backup_opts[], bundle_opts[], cat_opts[], check_opts[],
    coverage_opts[], export_opts[], fleet_opts[], hold_opts[], key_opts[], ledger_opts[], list_opts[],
    procs_opts[], purge_opts[],
    replay_opts[], report_opts[], review_opts[], rotate_opts[], rules_opts[], search_opts[],
    setup_opts[], status_opts[], timeline_opts[], verify_opts[];

/* The table's line of a command. */
const struct command *command_find(const char *name);

#endif
