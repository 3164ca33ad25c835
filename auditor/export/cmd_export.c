/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "export/export.h"
#include "export/place.h"
#include "export/session.h"
#include "export/text_json.h"
#include "output/outcome.h"
#include "store/select.h"

enum { OPT_INPUT = OPT_LONG, OPT_FROM, OPT_UNTIL, OPT_IDLE, OPT_PLAYER };

const struct opt export_opts[] = {
	{ 'f', "format", "cast|v3|script|ttyrec|text|json|html", "cast, v3: asciicast 2, 3" },
	{ 'o', "output", "FILE", "write it there, not to standard output; script: a folder" },
	{ OPT_INPUT, "input", NULL, "what was typed, too" },
	{ OPT_FROM, "from", "TIME", "begin there: 90, 1:30 or 1:02:03 since the session's begin" },
	{ OPT_UNTIL, "until", "TIME", "end there" },
	{ OPT_IDLE, "idle-limit", "SEC", "no pause is longer" },
	{ OPT_PLAYER, "player", "DIR", "html: asciinema-player's files (default: as installed)" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define PLAYER_FOLDER CHECK_DATADIR "/shellac/player" /* make player, make install */
#define SECOND 1e9
#define LIMIT_S 1e9 /* 30 years */
#define PARTS 3     /* of a time: hours, minutes, seconds */

struct asked {
	struct export_ask ask;
	const struct export_format *format;
	const char *path, *player;
};

/* "90", "1:30", "1:02:03.5" in nanoseconds.  0 or -EINVAL. */
static int parse_time(const char *text, uint64_t *out)
{
	unsigned long long whole = 0, part;
	char field[24];
	size_t len;
	double s;
	int parts = 1;

	while ((len = strcspn(text, ":")) < strlen(text)) {
		snprintf(field, sizeof field, "%.*s", (int)len, text);
		if (len >= sizeof field || ++parts > PARTS ||
		    opt_number(field, (unsigned long long)LIMIT_S, &part) != 0)
			return -EINVAL;
		whole = (whole + part) * 60;
		text += len + 1;
	}
	if (strcmp(text, "0") == 0 || strcmp(text, "00") == 0)
		s = 0;
	else if (opt_fraction(text, LIMIT_S, &s) != 0)
		return -EINVAL;
	if ((double)whole + s > LIMIT_S)
		return -EINVAL;
	*out = (uint64_t)(((double)whole + s) * SECOND);
	return 0;
}

/* One option.  0; -1 said why not. */
static int parse_option(struct asked *q, int c)
{
	double s;

	switch (c) {
	case 'f':
		q->format = export_format_find(optarg);
		if (q->format != NULL)
			return 0;
		complain("%s: no such format; shellac export --help lists them", optarg);
		return -1;
	case 'o':
		q->path = optarg;
		return 0;
	case OPT_PLAYER:
		q->player = optarg;
		return 0;
	case OPT_INPUT:
		q->ask.input = 1;
		return 0;
	case OPT_FROM: case OPT_UNTIL:
		if (parse_time(optarg, c == OPT_FROM ? &q->ask.from_ns : &q->ask.until_ns) == 0)
			return 0;
		complain("%s: not a time; give seconds, or minutes:seconds", optarg);
		return -1;
	case OPT_IDLE:
		if (opt_fraction(optarg, LIMIT_S, &s) == 0) {
			q->ask.idle_ns = (uint64_t)(s * SECOND);
			return 0;
		}
		complain("--idle-limit %s: not a number of seconds over 0", optarg);
		return -1;
	default:
		return -1;
	}
}

/* AUDIT_OK to go on. */
static int check(const struct asked *q)
{
	struct stat st;

	if (q->format == NULL)
		complain("export --format FORMAT says how; shellac export --help lists the formats");
	else if (q->ask.from_ns >= q->ask.until_ns)
		complain("--from is not before --until");
	else if (q->format->files != NULL && strcmp(q->path, "-") == 0)
		complain("%s has several files: -o DIR says where", q->format->name);
	else if (q->format->raw && strcmp(q->path, "-") == 0 && fstat(STDOUT_FILENO, &st) == 0 &&
	    isatty(STDOUT_FILENO))
		complain("%s has the recorded bytes as they are, which a terminal would act on: "
		    "give -o FILE", q->format->name);
	else
		return AUDIT_OK;
	return AUDIT_USAGE;
}

static int streams(const struct asked *q)
{
	return q->format->files == NULL ? 0 : q->ask.input ? 3 : 2;
}

static int write_to(struct export_place *p, const struct asked *q, struct export_job *j)
{
	int i, r = 0;

	for (i = 0; i < p->count && r == 0; i++)
		r = sink_init(&j->out[i], p->fd[i]);
	if (r == 0)
		r = q->format->write(j);
	for (i = 0; i < p->count; i++)
		sink_release(&j->out[i]);
	if (r == 0)
		return export_place_keep(p);
	export_place_drop(p);
	return r;
}

/* FILE.source.json, for what has no place for its source. */
static int write_beside(const char *path, const struct export_source *s)
{
	struct export_place p;
	struct sink out;
	int r;

	if ((r = export_place_open(&p, path, NULL, 0)) != 0)
		return r;
	r = sink_init(&out, p.fd[0]);
	if (r == 0)
		r = text_json_value(&out, export_source_json(s));
	sink_str(&out, "\n");
	if (r == 0)
		r = sink_flush(&out);
	sink_release(&out);
	if (r == 0)
		return export_place_keep(&p);
	export_place_drop(&p);
	return r;
}

static int write_all(const struct asked *q, struct export_job *j)
{
	struct export_place p;
	char beside[PATH_MAX];
	int want = q->format->beside && strcmp(q->path, "-") != 0, r;

	if (snprintf(beside, sizeof beside, "%s.source.json", q->path) >= (int)sizeof beside)
		return -ENAMETOOLONG;
	if (want && access(beside, F_OK) == 0)
		return -EEXIST;
	r = export_place_open(&p, q->path, q->format->files, streams(q));
	if (r == 0)
		r = write_to(&p, q, j);
	if (r == 0 && want && (r = write_beside(beside, j->source)) != 0)
		unlink(q->path); /* neither without the other */
	return r;
}

static int write_export(struct auditor *a, const struct asked *q, struct export_session *x)
{
	struct export_job j = { .source = &x->source, .player = q->player, .auditor = a };
	int r = write_all(q, &j);

	if (r == 0)
		return AUDIT_OK;
	if (r == -ESTALE)
		complain("session %llu: it was changed while it was read; try again",
		    (unsigned long long)x->source.entry.name.n);
	else
		complain("%s: %s%s", strcmp(q->path, "-") == 0 ? "standard output" : q->path,
		    err_text(r), r == -EEXIST ? "; nothing is replaced" : "");
	return AUDIT_CANNOT;
}

/* The folder of the player's files.  AUDIT_OK, also where there is none. */
static int find_player(struct asked *q)
{
	const int wanted = q->player != NULL;

	if (q->format->write != export_page)
		return AUDIT_OK;
	if (!wanted)
		q->player = PLAYER_FOLDER;
	if (access(q->player, R_OK | X_OK) == 0)
		return AUDIT_OK;
	complain("%s: %s; %s", q->player, err_text(-errno), wanted ? "\"make player\" takes it from "
	    "its own project" : "the page has its transcript and no player: \"make player\" in "
	    "shellac's build folder, then --player player");
	q->player = NULL;
	return wanted ? AUDIT_CANNOT : AUDIT_OK;
}

static int export_it(struct auditor *a, const struct asked *q, struct store_session *e)
{
	static struct export_session x;
	int status;

	x.source.ask = q->ask;
	status = export_session_open(&x, a, e);
	if (status == AUDIT_OK)
		status = write_export(a, q, &x);
	if (status == AUDIT_OK && x.finding)
		status = outcome_stop(e, &x.source.verdict);
	export_session_close(&x);
	return status;
}

int cmd_export(struct auditor *a, int argc, char **argv)
{
	struct asked q = { .ask = { .until_ns = UINT64_MAX, .idle_ns = UINT64_MAX }, .path = "-" };
	struct store_session *e;
	int c, done, status;

	while ((c = command_next(command_find("export"), argc, argv, &done)) != OPT_END)
		if (parse_option(&q, c) != 0)
			return AUDIT_USAGE;
	if (done)
		return AUDIT_OK;
	if (optind != argc - 1) {
		complain("export takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	if ((status = check(&q)) != AUDIT_OK || (status = find_player(&q)) != AUDIT_OK ||
	    (status = auditor_open_for(a, argv[optind])) != AUDIT_OK)
		return status;
	e = select_or_complain(a, argv[optind], &status);
	return e == NULL ? status : export_it(a, &q, e);
}
