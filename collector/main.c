/* SPDX-License-Identifier: ISC */
/*
 * shellacd, the collector.  A map of this folder, in the order of the data:
 *
 *   main, daemon, policy, setup   options, configuration, folders, key
 *   hold                          the process above a detached collector
 *   collector, signals            all of one collector; the end
 *   register, admit, identity,    a recorder knocks, who it is by the kernel's
 *     remote                      word, its number, certificate and file
 *   fifo_drain, intake            look into a FIFO, check frames, store, consume
 *   session, session_drain,       one live session: its FIFO, its file, its
 *     session_socket,             recorder's socket, what is on disk of it, its
 *     session_sync, registry      end
 *   idle                          those in which nothing happens, where there are many
 *   sync                          threads: fdatasync, before certificate and acks
 *   store, store_walk             folders, lock, numbers, names
 *   gate, space, quota, put_off   who may begin a session, and how much each may
 *                                 write; who waits for that
 *   pack                          thread: closed sessions into containers
 *   recover, keeper_scan          what an earlier collector left (model/session.pml has
 *                                 every way in which that can happen)
 *   session_spool, spool_take     what recorders wrote while nobody collected
 *   spool_park                    what they left while nothing could be stored
 *   notary, notary_keep           its child that holds the keys: asked, and kept there
 *   notary_serve, notary_answer,  that child
 *     notary_keys, notary_wire
 *   ledger, ledger_begin, ...     what must not be lost unseen: entries, epochs, checkpoints
 *   session_ledger                what the ledger hears of a session
 *   accounting, join, ...         the kernel's records of processes that ended, and by
 *                                 them alone whose those were
 *   process_events, ...,          thread: the kernel's fork, exec and exit events, and
 *     proc_connector              what /proc says of a new program
 *   lives, ...                    who lives on this host: the tree of forks
 *   processes, ...                both together: each record gets its life and session,
 *   process_store, ...            and is stored
 *   coverage, ...                 terminals and logins that nobody records
 *   process_syslog, uid_names   ended processes for the syslog daemon
 *   watch                       commands that are to run
 *   checkpoint_watch, pusher      the ledger's checkpoints go to the log and, by a
 *                                 program of its own, to witnesses
 *   dispatcher, ...             its child that feeds plugins with what the journal has
 *   control, status, listen       what others may ask
 *   metrics, ..., histogram,      the same for those who watch many hosts
 *     backlog
 *   notify                        what a service manager above is told
 *   access, access_client,        who may read the store, and what of it; each time
 *     access_path                 logged
 *   custody, purge, legal_hold    what sessions held is deleted, or kept from that
 *   review, review_resume         what somebody thinks of a session, signed by them
 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "collector.h"
#include "daemon.h"
#include "err.h"
#include "hold.h"
#include "listen.h"
#include "log.h"
#include "notify.h"
#include "policy.h"
#include "register.h"
#include "setup.h"
#include "signals.h"

struct options {
	const char *dir;
	int foreground, check;
};

static const char usage[] =
    "usage: shellacd [-d DIR] [-n]\n"
    "       shellacd [-d DIR] --check\n"
    "  -d, --directory DIR  everything is below DIR, a private folder\n"
    "  -n, --foreground     stay, and log to standard error\n"
    "      --check          say all that is wrong with the configuration, and the policy\n"
    "      --help           this text\n"
    "      --version        the version\n";

/* -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {{"directory", required_argument, NULL, 'd'},
		{"foreground", no_argument, NULL, 'n'}, {"check", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	int opt;

	while ((opt = getopt_long(argc, argv, "d:n", longs, NULL)) != -1) {
		switch (opt) {
		case 'd': o->dir = optarg; break;
		case 'n': o->foreground = 1; break;
		case 'c': o->check = 1; break;
		case 'h': fputs(usage, stdout); return EXIT_CLEAN;
		case 'V': puts("shellacd " PACKAGE_VERSION); return EXIT_CLEAN;
		default: fputs(usage, stderr); return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fputs(usage, stderr);
	return EXIT_USAGE;
}

static void say_plugins(const struct plugin_set *set)
{
	static char text[PLUGIN_FILE_MAX];
	unsigned i;

	for (i = 0; i < set->count; i++) {
		if (set->file[i].conf == NULL)
			continue;
		plugin_conf_dump(set->file[i].conf, text, sizeof(text));
		printf("\n%s", text);
	}
}

/* private: with -d. */
static int check(const struct paths *paths, int private)
{
	static char text[POLICY_MAX];
	struct plugin_set set;
	struct conf conf;
	int wrong;

	wrong = policy_read(&conf, paths->conf) != 0 || policy_check_notice(&conf) != 0;
	wrong |= policy_plugins(&set, paths, private) != 0 || set.wrong > 0;
	if (!wrong) {
		policy_text(text, &conf, &set);
		printf("policy\n%s", text);
		say_plugins(&set);
	}
	plugin_set_release(&set);
	return wrong ? EXIT_CONF : EXIT_CLEAN;
}

/* The collector itself.  up: where it says that it works, or -1. */
static int serve(struct collector *c, int up)
{
	int r;

	signals_block();
	policy_plugins(&c->plugins, &c->paths, c->private);
	r = collector_open(c);
	if (r == 0) {
		if (up >= 0) {
			log_open("shellacd", 1, LOG_L_INFO);
			setup_hold_pid(c);
			hold_ready(up, register_socket(c->reg));
		}
		log_info("ready");
		notify_say("READY=1");
		r = collector_run(c);
		if (r != 0)
			log_error("the event loop fails: %s", err_text(r));
	}
	collector_release(c);
	return r == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}

/* In the background, below a process that outlives it.  What is done before is done
 * again by each collector: the configuration may have changed since. */
static int serve_detached(struct collector *c, const struct options *o)
{
	int up = daemon_begin();

	if (up >= 0)
		up = hold_begin(up);
	if (up < 0) {
		log_error("cannot detach: %s", err_text(up));
		return EXIT_CANNOT;
	}
	if (policy_start(&c->conf, &c->paths) != 0)
		return EXIT_CONF;
	return setup_folders(c, o->dir) == 0 ? serve(c, up) : EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	static struct collector c = {.fifo_dir = -1, .spool_dir = -1, .store = {.dir = -1, .session = -1},
		.loop = {.epfd = -1}};
	struct options o = {0};
	int r;

	umask(077);
	log_open("shellacd", 0, LOG_L_INFO);
	log_levels(notify_is_journal());
	r = read_options(argc, argv, &o);
	if (r >= 0)
		return r;
	r = sodium_init() < 0 ? -1 : paths_init(&c.paths, o.dir);
	if (r < 0) {
		log_error("%s: %s", o.dir != NULL ? o.dir : "start", err_text(r));
		return EXIT_CANNOT;
	}
	if (o.check)
		return check(&c.paths, o.dir != NULL);
	c.private = o.dir != NULL;
	notify_take();
	if (listen_take() == 0 && !o.foreground)
		return serve_detached(&c, &o);
	if (policy_start(&c.conf, &c.paths) != 0)
		return EXIT_CONF;
	return setup_folders(&c, o.dir) == 0 ? serve(&c, -1) : EXIT_CANNOT;
}
