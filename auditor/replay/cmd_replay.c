/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "clock.h"
#include "err.h"
#include "verify/judge.h"
#include "output/outcome.h"
#include "replay/where.h"
#include "replay/player.h"
#include "replay/stream.h"
#include "store/select.h"

enum { OPT_AT = OPT_LONG, OPT_FOLLOW, OPT_MATCH };

const struct opt replay_opts[] = {
	{ OPT_AT, "at", "PLACE", "begin there: +SECONDS, HH:MM[:SS], chunk:N, or a date" },
	{ OPT_MATCH, "match", "PATTERN", "begin where this text is; n and N go to others" },
	{ 'E', "regexp", NULL, "the pattern is a regular expression" },
	{ 'i', "ignore-case", NULL, "small and capital letters are the same in it" },
	{ OPT_FOLLOW, "follow", NULL, "go on with a session that does, from now on" },
	{ 's', "speed", "N", "so many times as fast (default: 1)" },
	{ 'm', "max-wait", "SEC", "never wait longer than SEC seconds for the next output" },
	{ 'n', "no-wait", NULL, "all at once" },
	{ 'h', "help", NULL, "show this help; keys: ? shows them in a replay, q quits it" },
	{ 0 },
};

#define MAX_WAIT_S 1e9
#define SECOND 1e9

/* Says the verdict; dies by the signal that ended the replay. */
static int finish(const struct store_session *e, const struct verdict *v, int stopped)
{
	char line[OUTCOME_LINE_MAX];

	if (stopped >= TERMINAL_SIGNAL) {
		signal(stopped - TERMINAL_SIGNAL, SIG_DFL);
		raise(stopped - TERMINAL_SIGNAL);
	}
	outcome_line(line, e, v);
	complain("%s%s", line, stopped != 0 ? "; stopped before its end" : "");
	return verdict_good(v) ? AUDIT_OK : AUDIT_FINDING;
}

static int replay_session(struct auditor *a, struct store_session *e,
    const struct player_how *how)
{
	static struct verdict v;
	int stopped = 0, r;

	if (isatty(STDOUT_FILENO))
		r = player_session(a, e, how, &v, &stopped);
	else
		r = stream_session(a, e, how->at, how->follow, &v);
	if (r == 0)
		return finish(e, &v, stopped);
	complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	return AUDIT_CANNOT;
}

static int take_at(struct player_how *how, const char *text)
{
	struct where unused;

	how->at = text;
	if (where_parse(&unused, text, 0, clock_wall()) == 0)
		return 0;
	complain("--at %s: no such place; %s", text, WHERE_WORDS);
	return OPT_USAGE;
}

static int take(struct player_how *how, int c)
{
	double max_wait_s = 0;

	switch (c) {
	case OPT_AT:
		return take_at(how, optarg);
	case OPT_MATCH:
		how->match = optarg;
		return 0;
	case 'E':
		how->match_flags |= PATTERN_REGEX;
		return 0;
	case 'i':
		how->match_flags |= PATTERN_NOCASE;
		return 0;
	case OPT_FOLLOW:
		how->follow = 1;
		return 0;
	case 'n':
		how->no_wait = 1;
		return 0;
	case 's':
		if (opt_fraction(optarg, PLAYER_SPEED_MAX, &how->speed) == 0 &&
		    how->speed >= PLAYER_SPEED_MIN)
			return 0;
		break;
	case 'm':
		if (opt_fraction(optarg, MAX_WAIT_S, &max_wait_s) == 0) {
			how->max_wait_ns = (uint64_t)(max_wait_s * SECOND);
			return 0;
		}
		break;
	default:
		return OPT_USAGE;
	}
	complain("-%c %s: not a number in its limits", c, optarg);
	return OPT_USAGE;
}

/* 0 or OPT_USAGE */
static int check_match(const struct player_how *how)
{
	char why[PATTERN_WHY];
	struct pattern *pattern;

	if (how->match == NULL)
		return 0;
	if (pattern_new(&pattern, how->match, how->match_flags, why) != 0) {
		complain("--match: %s", why);
		return OPT_USAGE;
	}
	pattern_free(pattern);
	if (isatty(STDOUT_FILENO))
		return 0;
	complain("--match shows a place on a terminal; shellac search says where it is");
	return OPT_USAGE;
}

/* 0, OPT_USAGE or OPT_END when help was shown */
static int parse(struct player_how *how, int argc, char **argv)
{
	int c, done;

	*how = (struct player_how){ .speed = 1, .max_wait_ns = UINT64_MAX };
	while ((c = command_next(command_find("replay"), argc, argv, &done)) != OPT_END)
		if (take(how, c) != 0)
			return OPT_USAGE;
	return done ? OPT_END : check_match(how);
}

int cmd_replay(struct auditor *a, int argc, char **argv)
{
	struct player_how how;
	struct store_session *e;
	int status = parse(&how, argc, argv);

	if (status != 0)
		return status == OPT_END ? AUDIT_OK : AUDIT_USAGE;
	if (optind != argc - 1) {
		complain("replay takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	if (how.follow && a->conninfo != NULL) {
		complain("--follow is for a host's own store; a fleet gets the session's chunks later");
		return AUDIT_USAGE;
	}
	status = auditor_open_for(a, argv[optind]);
	if (status != AUDIT_OK)
		return status;
	e = select_or_complain(a, argv[optind], &status);
	return e == NULL ? status : replay_session(a, e, &how);
}
