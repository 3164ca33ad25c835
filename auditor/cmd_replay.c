/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "judge.h"
#include "player.h"
#include "replay_filter.h"
#include "outcome.h"
#include "select.h"

const struct opt replay_opts[] = {
	{ 's', "speed", "N", "so many times as fast (default: 1)" },
	{ 'm', "max-wait", "SEC", "never wait longer than SEC seconds for the next output" },
	{ 'n', "no-wait", NULL, "all at once" },
	{ 'h', "help", NULL, "show this help; keys: space pause, + - speed, . skip, q quit" },
	{ 0 },
};

#define MAX_WAIT_S 1e9
#define SECOND 1e9

struct replay {
	struct sink out;
	struct replay_filter filter;
	struct terminal terminal;
	struct player player;
	uint64_t frames; /* that may be shown */
};

static void say_window(const struct verdict *v)
{
	uint16_t rows, cols;

	if (!terminal_size(&rows, &cols) || (v->rows <= rows && v->cols <= cols))
		return;
	complain("recorded at up to %u columns and %u rows, this terminal has %u and %u: "
	    "it will not look right; make it larger", v->cols, v->rows, cols, rows);
}

static int play(struct replay *p, struct judge *j)
{
	struct frame f;
	struct event e;
	int r = 0;

	player_start(&p->player);
	while (p->out.error == 0 && j->file.chain.frame < p->frames &&
	    (r = judge_next(j, &f, &e)) > 0) {
		if (f.type < FRAME_BEGIN)
			continue;
		if (player_wait(&p->player, e.dt))
			break;
		if (f.type == FRAME_OUTPUT)
			replay_filter_put(&p->filter, e.data, e.len);
	}
	replay_filter_end(&p->filter);
	sink_flush(&p->out);
	return r < 0 ? r : p->out.error;
}

static int play_file(struct replay *p, struct auditor *a, struct store_session *e)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	struct judge j;
	int fd = store_open_session(&a->store, e), r;

	if (fd < 0)
		return fd;
	r = judge_open_how(&j, fd, e, &how);
	if (r == 0)
		r = terminal_open(&p->terminal);
	if (r == 0) {
		r = play(p, &j);
		terminal_close(&p->terminal);
	}
	judge_close(&j);
	close(fd);
	return r;
}

/* Says the verdict; dies by the signal that ended the replay. */
static int finish(const struct replay *p, const struct store_session *e, const struct verdict *v)
{
	char line[OUTCOME_LINE_MAX];

	if (p->player.stopped >= TERMINAL_SIGNAL) {
		signal(p->player.stopped - TERMINAL_SIGNAL, SIG_DFL);
		raise(p->player.stopped - TERMINAL_SIGNAL);
	}
	outcome_line(line, e, v);
	if (isatty(STDERR_FILENO))
		fputs("\r\n", stderr);
	complain("%s%s", line, p->player.stopped != 0 ? "; stopped before its end" : "");
	return verdict_good(v) ? AUDIT_OK : AUDIT_FINDING;
}

static int replay_session(struct auditor *a, struct store_session *e, struct replay *p)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	static struct verdict v;
	int r = judge_session_how(&a->store, e, &how, &v);

	if (r == 0)
		r = sink_init(&p->out, STDOUT_FILENO);
	if (r == 0) {
		say_window(&v);
		p->frames = v.shown_frames;
		p->player.out = &p->out;
		p->player.terminal = &p->terminal;
		replay_filter_init(&p->filter, &p->out);
		r = play_file(p, a, e);
		sink_release(&p->out);
	}
	if (r == 0)
		return finish(p, e, &v);
	complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	return AUDIT_CANNOT;
}

/* 0, OPT_USAGE or OPT_END when help was shown */
static int parse(struct player *p, int argc, char **argv)
{
	double max_wait_s = 0;
	int c, done;

	p->speed = 1;
	p->max_wait_ns = UINT64_MAX;
	p->no_wait = !isatty(STDOUT_FILENO);
	while ((c = command_next(command_find("replay"), argc, argv, &done)) != OPT_END) {
		if (c == 'n') {
			p->no_wait = 1;
		} else if (c == 's' && opt_fraction(optarg, PLAYER_SPEED_MAX, &p->speed) == 0 &&
		    p->speed >= PLAYER_SPEED_MIN) {
			continue;
		} else if (c == 'm' && opt_fraction(optarg, MAX_WAIT_S, &max_wait_s) == 0) {
			p->max_wait_ns = (uint64_t)(max_wait_s * SECOND);
		} else {
			if (c != OPT_USAGE)
				complain("-%c %s: not a number in its limits", c, optarg);
			return OPT_USAGE;
		}
	}
	return done ? OPT_END : 0;
}

int cmd_replay(struct auditor *a, int argc, char **argv)
{
	static struct replay p;
	struct store_session *e;
	int status = parse(&p.player, argc, argv);

	if (status != 0)
		return status == OPT_END ? AUDIT_OK : AUDIT_USAGE;
	if (optind != argc - 1) {
		complain("replay takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 1);
	if (status != AUDIT_OK)
		return status;
	e = select_or_complain(a, argv[optind], &status);
	return e == NULL ? status : replay_session(a, e, &p);
}
