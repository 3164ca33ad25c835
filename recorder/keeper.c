/* SPDX-License-Identifier: ISC */
#include "keeper.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cert.h"
#include "clock.h"
#include "confine.h"
#include "devnull.h"
#include "err.h"
#include "escape.h"
#include "limits.h"
#include "front_note.h"

#define ASK_MS 20
#define ASK_TRIES 15

static struct keeper keeper;

/* One line, where it is seen by a person and not by a program. */
static void complain(const struct keeper *k, const char *what, const char *why)
{
	char a[512], b[512];

	if (k->plain && !k->cfg->terminal)
		return;
	fprintf(stderr, "shellac-rec: %s: %s%s\n", escape_str(a, sizeof(a), what),
	    escape_str(b, sizeof(b), why), k->plain ? "; going on unrecorded" : "");
}

/* Nothing is recorded: the front leaves, or becomes the program. */
static _Noreturn void refuse(struct keeper *k, const char *what, const char *why)
{
	spawn_cancel(&k->spawn);
	pty_restore(&k->pty);
	complain(k, what, why);
	if (k->plain)
		front_note_send(k->front, FRONT_NOTE_PLAIN, 1);
	else
		front_note_send(k->front, FRONT_NOTE_EXIT, 125);
	record_release(&k->record);
	_exit(125);
}

static _Noreturn void nobody_collects(struct keeper *k)
{
	char what[PATH_MAX + 40];

	snprintf(what, sizeof(what), "nobody collects at %s", k->cfg->paths->run);
	refuse(k, what, "start shellacd, or name its folder with -d");
}

/* An id, keys, and the FIFO of that name. */
static void make_session(struct keeper *k)
{
	int r;

	if ((r = record_init(&k->record, clock_mono())) != 0)
		refuse(k, "cannot record", err_text(r));
	if ((r = link_make_fifo(&k->link, k->record.sealer.id)) < 0)
		refuse(k, "cannot make a FIFO", err_text(r));
	k->record.fifo = r;
}

static void unmake_session(struct keeper *k)
{
	link_unlink_fifo(&k->link);
	spool_remove(&k->spool);
	close(k->record.fifo);
	record_release(&k->record);
}

static int is_absence(int r)
{
	return r == -ENOENT || r == -ECONNREFUSED || r == -ECONNRESET || r == -EPIPE ||
	    r == -ETIMEDOUT || r == -EAGAIN;
}

/* Nobody answered, or not now.  What was asked may still be answered some day: so
 * this is another session.  1 if it can begin. */
static int begin_late(struct keeper *k, uint16_t flags)
{
	if (k->cfg->conf->away != CONF_AWAY_SPOOL)
		return 0;
	make_session(k);
	away_prepare(k, flags | CERT_F_LATE);
	record_late(&k->record);
	link_register_late(&k->link, k->record.sealer.pk, flags);
	if (away_begin(k) == 0)
		return 1;
	unmake_session(k);
	return 0;
}

/* A collector that is restarted has no socket for a moment; who waits for it is
 * attested by the kernel, and who begins without may not be. */
static int ask(struct keeper *k, uint16_t flags)
{
	const struct timespec pause = { .tv_nsec = ASK_MS * 1000000 };
	int tries = k->cfg->conf->away == CONF_AWAY_SPOOL ? ASK_TRIES : 1, r;

	for (;;) {
		r = link_register(&k->link, k->record.sealer.pk, flags);
		if ((r != -ENOENT && r != -ECONNREFUSED) || --tries == 0)
			return r;
		nanosleep(&pause, NULL);
	}
}

/* The terminals are the user's. */
static int open_terminals(struct keeper *k)
{
	enum privilege privilege = k->cfg->inherited->privilege;
	int r;

	if ((r = privilege_lend(privilege)) == 0)
		r = pty_open(&k->pty);
	if (privilege_take_back(privilege) != 0)
		_exit(125);
	return r;
}

/* What takes its time and needs no certificate.  What goes wrong is the end of the
 * session, which there will be.  The fork is before the keeper changes its user:
 * the limit of the user's processes is to count. */
static void prepare(struct keeper *k, uint16_t flags)
{
	int r = k->cfg->terminal ? open_terminals(k) : 0;

	if (r != 0)
		k->hindrance = "cannot make a terminal";
	away_prepare(k, flags);
	if (r == 0 && (r = spawn_fork(&k->spawn, k->cfg->program, k->cfg->inherited,
	    k->pty.slave)) != 0)
		k->hindrance = "cannot start a process";
	k->hindered = r;
	record_prepare(&k->record);
}

/* Once, before the terminal is the program's. */
static void say_version(const struct keeper *k)
{
	if (k->cfg->terminal)
		fprintf(stderr, "shellac-rec: %s; this session is kept in its spool until one of "
		    "them is replaced\n", k->link.text);
}

/* It begins late, or not at all. */
static void not_registered(struct keeper *k, uint16_t flags, int r)
{
	int put_off = r == E_REFUSED ? k->link.put_off : 0;
	int other = r == E_REFUSED && k->link.refused == REFUSED_VERSION;

	unmake_session(k);
	if ((is_absence(r) || put_off != 0 || other) && begin_late(k, flags)) {
		if (other)
			say_version(k);
		return;
	}
	if (r == -ENOENT || r == -ECONNREFUSED)
		nobody_collects(k);
	/* who takes too much gets nothing unrecorded for it */
	k->plain = k->plain && put_off != REFUSED_RATE;
	refuse(k, "the collector refused", r == E_REFUSED ? k->link.text : err_text(r));
}

/* FIFO, registration, certificate.  Whatever is left undone, no FIFO stays. */
static void register_session(struct keeper *k)
{
	const uint16_t flags = k->cfg->terminal ? CERT_F_TERMINAL : 0;
	uint8_t cert[MESSAGE_BODY_MAX];
	size_t len = 0;
	int r;

	if (link_open(&k->link, k->cfg->paths->run) != 0)
		nobody_collects(k);
	make_session(k);
	r = ask(k, flags);
	sched_yield(); /* who is asked does its part first, and this one while its disk works */
	prepare(k, flags);
	if (r == 0)
		r = link_certificate(&k->link, cert, &len);
	if (r == 0) {
		record_cert(&k->record, cert, len);
		return;
	}
	not_registered(k, flags, r);
}

/* A keeper that stays behind must not hold a mount.  Where it can't leave, it
 * does, and nothing else is wrong. */
static void leave_folder(void)
{
	if (chdir("/") != 0)
		errno = 0;
}

/* Out of the user's reach and of that of the terminal's job control, and with the
 * system calls that are left to a keeper.  Who can't be confined may not have
 * _shellac's rights. */
static int withdraw(const struct keeper *k)
{
	enum privilege privilege = k->cfg->inherited->privilege;
	int r;

	setsid();
	leave_folder();
	r = privilege_become_recorder(privilege);
	if (r != 0)
		return r;
	r = confine_keeper();
	return r < 0 && privilege == PRIVILEGE_HELD ? r : 0;
}

static _Noreturn void nothing_ran(struct keeper *k, const char *what, int error)
{
	k->reason = END_FAILURE;
	k->status = 125 << 8;
	pty_restore(&k->pty);
	complain(k, what, strerror(error));
	if (k->plain) {
		pty_let_open(&k->pty);
		front_note_send(k->front, FRONT_NOTE_PLAIN, 0);
		close(k->front);
		k->front = -1;
	}
	finish_session(k);
	_exit(0);
}

/* Runs the program, which the user can use against us from its first instruction
 * on: the keeper withdraws before. */
static void start(struct keeper *k)
{
	const struct program *p = k->cfg->program;
	char name[512];
	int err, r;

	if (k->hindrance != NULL)
		nothing_ran(k, k->hindrance, -k->hindered);
	if (k->cfg->terminal) {
		pty_raw(&k->pty);
		pty_push_outer(&k->pty); /* the notice; the relay pushes on */
	}
	r = withdraw(k);
	if (r != 0) {
		spawn_cancel(&k->spawn);
		nothing_ran(k, "cannot get out of the user's reach", -r);
	}
	k->program = k->spawn.pid;
	err = spawn_go(&k->spawn);
	if (err != 0) {
		pty_restore(&k->pty);
		fprintf(stderr, "shellac-rec: %s: %s\n", escape_str(name, sizeof(name), p->path),
		    strerror(err));
	}
	front_note_send(k->front, FRONT_NOTE_STARTED, k->program);
	if (k->cfg->terminal)
		pty_started(&k->pty);
}

static void hear(struct keeper *k)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	k->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGXFSZ); /* a file that may not grow is an error, no end */
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (k->signals < 0)
		refuse(k, "cannot record", err_text(-errno));
}

static void keep(void *ctx, const uint8_t *p, size_t len, uint64_t typed_ns)
{
	struct keeper *k = ctx;
	uint64_t now = clock_mono();

	record_input(&k->record, now, now - typed_ns, p, len);
}

static void hide(void *ctx, uint64_t n, uint64_t typed_ns)
{
	struct keeper *k = ctx;
	uint64_t now = clock_mono();

	record_hidden(&k->record, now, now - typed_ns, n);
}

_Noreturn void keeper_run(const struct keeper_config *cfg, int front)
{
	struct keeper *k = &keeper;
	const struct hidden_sink sink = { keep, hide, k };
	const char *why;

	k->cfg = cfg;
	k->plain = cfg->plain;
	k->front = front;
	k->reason = END_EXIT;
	k->null = devnull_open();
	k->spawn.channel = -1;
	spool_init(&k->spool);
	k->pty.in = k->pty.out = k->pty.master = k->pty.slave = -1;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	limits_lift();
	hear(k);
	hidden_init(&k->hidden, cfg->conf->input, &sink);
	evidence_init(&k->evidence, cfg->conf->evidence_ms);
	register_session(k);
	why = begin_session(k);
	if (why != NULL)
		refuse(k, "cannot record", why);
	start(k);
	if (!cfg->terminal) {
		devnull_standard(k->null);
		k->null = -1;
	}
	relay_run(k);
	finish_session(k);
	_exit(0);
}
