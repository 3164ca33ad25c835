/* SPDX-License-Identifier: ISC */
/*
 * shellac-rec: records a shell.
 *
 *	main.c            options, configuration, what to do
 *	options.c         the command line
 *	login.c           which shell, and what it runs
 *	inherit.c         what the login handed to us and the shell must get back
 *	environ.c         its environment, also where ld.so(8) has taken some away
 *	privilege.c       set-user-ID or not, and which user for what
 *	nested.c          is this terminal recorded already?
 *	plain.c           a login that cannot be recorded
 *	front.c           the process that the login started: waits, passes signals on
 *	note.c            what front and keeper tell each other
 *	keeper.c          the process that records: registration, start
 *	spawn.c           the fork of the shell
 *	relay.c           its loop
 *	pty.c             a pty between terminal and program, knowing nothing of records
 *	record.c          events, sealed, into the FIFO
 *	record_spool.c    from the FIFO into the spool and back
 *	spool.c           the file for the time when nobody collects
 *	away.c            when that is; model/session.pml checks it with the collector
 *	hidden.c          which typed bytes are kept, by what the program answers
 *	evidence.c        which typed bytes the program may have now
 *	screen_text.c     what a program's output shows
 *	collector_link.c  the socket to the collector
 *	finish.c          the end: seal, give the terminal back, ack, linger
 *	survivors.c       which processes are left then
 *	limits.c          the user's resource limits, which are the program's
 *	confine.c         the system calls that the keeper has left
 *	devnull.c         lets go of descriptors 0 to 2
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "collector_link.h"
#include "conf.h"
#include "confine.h"
#include "err.h"
#include "escape.h"
#include "front.h"
#include "inherit.h"
#include "keeper.h"
#include "login.h"
#include "nested.h"
#include "options.h"
#include "paths.h"
#include "plain.h"
#include "spawn.h"

#define EXIT_REFUSED 125

/* A configuration with errors locks nobody out: the last that had none holds, which
 * the collector has kept, or the defaults.  In the system's places that is not the
 * business of who logs in; the collector says it. */
static void load_conf(struct conf *c, const struct paths *paths, int tell)
{
	char good[PATH_MAX + sizeof(PATHS_GOOD_CONF)], text[512];
	struct conf_error err = { 0 }, unsaid;
	int n = conf_load(c, paths->conf, &err, 1), kept;

	if (n == 0)
		return;
	snprintf(good, sizeof(good), "%s/" PATHS_GOOD_CONF, paths->run);
	kept = access(good, R_OK) == 0 && conf_load(c, good, &unsaid, 1) == 0;
	if (!kept)
		conf_defaults(c);
	if (!tell || n == -ENOMEM) /* which ends it anyway, and is said then */
		return;
	fprintf(stderr, "shellac-rec: %s:%u: %s; using the %s\n",
	    escape_str(text, sizeof(text), paths->conf), err.line, n < 0 ? err_text(n) : err.text,
	    kept ? "last good configuration" : "defaults");
}

/* Somebody collects, or the session could begin in its spool. */
static int can_keep(const struct paths *paths, const struct conf *conf)
{
	struct collector_link link;

	if (link_open(&link, paths->run) != 0)
		return 0;
	return (conf->away == CONF_AWAY_SPOOL &&
	    faccessat(AT_FDCWD, paths->spool, W_OK | X_OK, AT_EACCESS) == 0) ||
	    link_probe(&link) == 0;
}

/* EXIT_REFUSED tells a snippet to start us all the same: we refuse the login. */
static int probe(const struct paths *paths, enum privilege privilege)
{
	const struct options login = { .plain = 1 };
	struct conf conf;

	if (nested_inside(privilege))
		return 1;
	load_conf(&conf, paths, 0);
	if (privilege != PRIVILEGE_LOST &&
	    (privilege == PRIVILEGE_NONE || confine_supported() >= 0) && can_keep(paths, &conf))
		return 0;
	return plain_is_allowed(&login, &conf) ? 1 : EXIT_REFUSED;
}

static void choose_program(struct program *prog, const struct options *o,
    const struct inherited *in)
{
	if (o->program != NULL)
		*prog = (struct program){ .path = o->program[0], .argv = o->program, .search = 1 };
	else
		login_program(prog, o, in);
}

/* Nothing can be recorded. */
static _Noreturn void give_up(const struct keeper_config *cfg, const char *why)
{
	if (!cfg->plain || cfg->terminal)
		fprintf(stderr, "shellac-rec: cannot record: %s%s\n", why,
		    cfg->plain ? "; going on unrecorded" : "");
	if (cfg->plain)
		plain_run(cfg->program, cfg->inherited);
	_exit(EXIT_REFUSED);
}

/* Started in the background: tcdrain(3) stops us with SIGTTOU until we have the
 * terminal, as it would any shell.  Nobody can bring an orphaned job to the front. */
static void await_foreground(void)
{
	if (tcdrain(STDIN_FILENO) == 0 || errno != EIO)
		return;
	fputs("shellac-rec: cannot record: another job has the terminal\n", stderr);
	_exit(EXIT_REFUSED);
}

static _Noreturn void record(const struct keeper_config *cfg)
{
	struct termios modes = { 0 };
	int notes[2];
	pid_t pid;

	/* a recorder that is not _shellac could be killed by whom it records, and the
	 * collector would not have it */
	if (cfg->inherited->privilege == PRIVILEGE_LOST)
		give_up(cfg, "set-user-ID has no effect here");
	if (cfg->terminal)
		await_foreground();
	inherit_block(cfg->inherited);
	if (cfg->terminal)
		tcgetattr(STDIN_FILENO, &modes);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, notes) != 0 ||
	    (pid = fork()) < 0)
		give_up(cfg, strerror(errno));
	if (pid == 0) {
		close(notes[0]);
		keeper_run(cfg, notes[1]);
	}
	close(notes[1]);
	front_run(notes[0], pid, cfg->terminal, &modes);
	plain_run(cfg->program, cfg->inherited);
}

int main(int argc, char **argv)
{
	struct inherited inherited;
	struct options o;
	struct paths paths;
	struct conf conf;
	struct program prog;
	int r;

	inherit_save(&inherited, argc, argv);
	options_parse(&o, argc, argv);
	if ((r = paths_init(&paths, o.dir)) != 0) {
		fprintf(stderr, "shellac-rec: %s\n", err_text(r));
		return EXIT_REFUSED;
	}
	if (o.probe)
		_exit(probe(&paths, inherited.privilege)); /* a leak checker may not trace us */
	choose_program(&prog, &o, &inherited);
	if (o.plain && nested_inside(inherited.privilege))
		plain_run(&prog, &inherited);
	load_conf(&conf, &paths, o.dir != NULL);
	record(&(struct keeper_config){
	    .paths = &paths, .conf = &conf, .program = &prog, .inherited = &inherited,
	    .plain = plain_is_allowed(&o, &conf),
	    .terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO),
	});
}
