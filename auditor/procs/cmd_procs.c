/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "escape.h"
#include "procs/procs.h"
#include "procs/procs_fleet.h"
#include "store/select.h"

enum { OPT_JSON = OPT_LONG, OPT_SESSION, OPT_TREE, OPT_UNRECORDED, OPT_STRICT, OPT_SUM,
	OPT_FOLLOW, OPT_FILE, OPT_REVERSE, OPT_RUNNING, OPT_COLUMNS, OPT_NO_INDEX };

const struct opt procs_opts[] = {
	{ OPT_SESSION, "session", "ID", "only what belongs to this session" },
	{ OPT_UNRECORDED, "unrecorded", NULL, "only what used a terminal that nobody recorded" },
	{ OPT_STRICT, "strict", NULL, "only what is certain, by process events" },
	{ OPT_RUNNING, "running", NULL, "also what has not ended, by process events" },
	{ OPT_TREE, "tree", NULL, "who began whom" },
	{ OPT_SUM, "sum", "command|user|session", "sums of what is the same by this" },
	{ OPT_FOLLOW, "follow", NULL, "new processes as they end" },
	{ OPT_REVERSE, "reverse", NULL, "the last first" },
	{ OPT_COLUMNS, "columns", "LIST", "these columns, as command,pid,start,args" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ OPT_FILE, "file", "PATH", "a file of the kernel's accounting instead; - for stdin" },
	{ OPT_NO_INDEX, "no-index", NULL, "read all records, whatever is asked for" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define OUTPUT_BUFFER (256 * 1024)

struct request {
	const char *session, *sum, *file, *columns;
	int json, unrecorded, strict, running, tree, follow, reverse, no_index;
};

/* The sink that was asked for, and what it needs. */
struct output {
	enum procs_text_of of;
	struct procs_sink sink;
	struct procs_text *text;
	struct procs_tree *tree;
	struct procs_sum *sum;
	struct procs_reverse *reverse;
};

static int no_memory(void)
{
	complain("no memory");
	return AUDIT_CANNOT;
}

static int options(struct request *q, int argc, char **argv, int *done)
{
	int c;

	while ((c = command_next(command_find("procs"), argc, argv, done)) != OPT_END) {
		switch (c) {
		case OPT_JSON:
			q->json = 1;
			break;
		case OPT_SESSION:
			q->session = optarg;
			break;
		case OPT_TREE:
			q->tree = 1;
			break;
		case OPT_UNRECORDED:
			q->unrecorded = 1;
			break;
		case OPT_STRICT:
			q->strict = 1;
			break;
		case OPT_SUM:
			q->sum = optarg;
			break;
		case OPT_FOLLOW:
			q->follow = 1;
			break;
		case OPT_FILE:
			q->file = optarg;
			break;
		case OPT_REVERSE:
			q->reverse = 1;
			break;
		case OPT_RUNNING:
			q->running = 1;
			break;
		case OPT_COLUMNS:
			q->columns = optarg;
			break;
		case OPT_NO_INDEX:
			q->no_index = 1;
			break;
		default:
			return AUDIT_USAGE;
		}
	}
	return AUDIT_OK;
}

/* What makes no sense together. */
static const char *contradiction(const struct request *q)
{
	if (q->sum != NULL && !procs_sum_is(q->sum))
		return "--sum: expected command, user or session";
	if (q->tree && (q->sum != NULL || q->json || q->follow || q->reverse || q->columns != NULL))
		return "--tree goes with none of --sum, --json, --follow, --reverse and --columns";
	if (q->follow && (q->sum != NULL || q->reverse || q->running))
		return "--follow goes with none of --sum, --reverse and --running";
	if (q->file != NULL && (q->session != NULL || q->unrecorded || q->strict || q->running ||
	    q->follow))
		return "--file: what the kernel wrote knows of no sessions and of nothing that runs; "
		    "no --session, --unrecorded, --strict, --running, --follow";
	if (q->columns != NULL && (q->json || q->sum != NULL))
		return "--columns is for the table";
	return NULL;
}

static int set_text(struct output *o, const struct request *q)
{
	const char *wrong;
	int r = procs_text_new(&o->text, q->columns, o->of, &wrong);

	if (r == E_FORMAT) {
		complain("--columns \"%s\": expected some of %s, each once", wrong,
		    procs_columns_help);
		return AUDIT_USAGE;
	}
	o->sink = (struct procs_sink){ procs_text_row, o->text };
	return r == 0 ? AUDIT_OK : no_memory();
}

static void tree_row(void *output, const struct procs_row *r)
{
	struct output *o = output;

	procs_tree_row(o->tree, r);
}

/* A tree for each host. */
static void next_tree(void *output, const char *host)
{
	struct output *o = output;
	char safe[256];

	if (o->tree != NULL) {
		procs_tree_end(o->tree);
		putchar('\n');
	}
	printf("%s:\n", escape_str(safe, sizeof safe, host));
	o->tree = procs_tree_new();
	if (o->tree == NULL)
		exit(no_memory());
}

static int set_output(struct output *o, const struct request *q)
{
	int status = AUDIT_OK;

	if (q->sum != NULL) {
		o->sum = procs_sum_new(q->sum, q->json, q->reverse, o->of == TEXT_OF_FLEET);
		o->sink = (struct procs_sink){ procs_sum_row, o->sum };
		return o->sum != NULL ? AUDIT_OK : no_memory();
	}
	if (q->tree) {
		o->tree = o->of == TEXT_OF_FLEET ? NULL : procs_tree_new(); /* one for each host */
		o->sink = (struct procs_sink){ tree_row, o };
		return o->tree != NULL || o->of == TEXT_OF_FLEET ? AUDIT_OK : no_memory();
	}
	if (q->json)
		o->sink = (struct procs_sink){ procs_json_row, NULL };
	else
		status = set_text(o, q);
	if (status == AUDIT_OK && q->reverse) {
		o->reverse = procs_reverse_new(o->sink);
		o->sink = (struct procs_sink){ procs_reverse_row, o->reverse };
		return o->reverse != NULL ? AUDIT_OK : no_memory();
	}
	return status;
}

/* What waited for the last row. */
static void end_output(struct output *o)
{
	if (o->sum != NULL)
		procs_sum_end(o->sum);
	if (o->tree != NULL)
		procs_tree_end(o->tree);
	if (o->reverse != NULL)
		procs_reverse_end(o->reverse);
	procs_text_free(o->text);
}

static int walk(struct auditor *a, const struct request *q, struct procs_source *s)
{
	struct process_index_query asked;
	long r;

	/* what runs is told by /proc; in a copied store by records that are not there, for which
	 * all have to be read */
	if (!q->follow && !q->no_index && (!s->running || s->live) &&
	    procs_filter_query(s->filter, &asked))
		(void)process_index_open(&s->index, s->store, a->store_path); /* or without */
	if (q->follow) {
		s->muted = 1;
		r = procs_follow(s, a->store_path);
		if (r == -EPIPE)
			return AUDIT_OK;
	} else {
		r = procs_store(s);
		process_index_free(s->index);
	}
	if (r < 0) {
		complain("%s/process: %s", a->store_path, err_text((int)r));
		return AUDIT_CANNOT;
	}
	if (r == 0)
		complain("no process records: the collector did not have the kernel's accounting");
	return AUDIT_OK;
}

/* Are programs' texts wanted? */
static int knows_all_of(const struct request *q, const struct procs_filter *f)
{
	return f->wants_exec || q->json || q->tree || q->running || q->columns != NULL;
}

static int from_fleet(struct auditor *a, const struct request *q, struct procs_filter *f,
    struct output *o)
{
	struct procs_fleet_ask ask = { .filter = f, .sink = o->sink, .session = q->session,
		.execs = knows_all_of(q, f), .running = q->running || q->tree, .whole = q->no_index,
		.host = q->tree ? next_tree : NULL };
	struct procs_fleet *x = NULL;
	int status = procs_fleet_open(&x, a, &ask);

	if (status == AUDIT_OK)
		status = procs_fleet_run(x);
	end_output(o);
	procs_fleet_free(x);
	return status;
}

static int from_store(struct auditor *a, const struct request *q, struct procs_filter *f,
    struct output *o)
{
	struct procs_source s = { .store = &a->store, .filter = f, .sink = o->sink,
		.running = q->running || q->tree, .live = a->control[0] != '\0' };
	int status, knows_all = knows_all_of(q, f);

	s.gaps = procs_gaps_new();
	s.lives = knows_all ? procs_lives_new() : NULL;
	if (s.gaps == NULL || (knows_all && s.lives == NULL))
		status = no_memory();
	else
		status = walk(a, q, &s);
	end_output(o);
	if (s.gaps != NULL)
		procs_gaps_say(s.gaps, NULL, f->from_ns > f->began_ns ? f->from_ns : f->began_ns,
		    f->to_ns);
	procs_gaps_free(s.gaps);
	procs_lives_free(s.lives);
	return status;
}

static int show(struct auditor *a, const struct request *q, struct procs_filter *f, int argc,
    char **argv)
{
	static char buffer[OUTPUT_BUFFER];
	char why[EXPRESSION_WHY];
	struct output o = { .of = q->file != NULL ? TEXT_OF_FILE : f->fleet ? TEXT_OF_FLEET :
		TEXT_OF_STORE };
	int r = procs_filter_words(f, argc, argv, why), status;

	if (r == E_FORMAT)
		complain("%s; shellac(1), procs, has the words", why);
	if (r != 0)
		return r == E_FORMAT ? AUDIT_USAGE : no_memory();
	setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
	status = set_output(&o, q);
	if (status != AUDIT_OK)
		return status;
	if (q->file != NULL) {
		status = procs_file(q->file, f, o.sink);
		end_output(&o);
	} else {
		status = f->fleet ? from_fleet(a, q, f, &o) : from_store(a, q, f, &o);
	}
	if (f->uncertain > 0)
		complain("%llu more are not certain, left out by --strict",
		    (unsigned long long)f->uncertain);
	return status;
}

static int open_store(struct auditor *a, const struct request *q, struct procs_filter *f)
{
	struct store_session *e;
	struct cert cert;
	int status = auditor_open(a, 1);

	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status != AUDIT_OK)
		return status;
	if (q->session != NULL) {
		e = select_or_complain(a, q->session, &status);
		if (e == NULL)
			return status;
		f->session = e->name.n;
		if (procs_session(&a->store, e, &cert) == 0)
			f->began_ns = cert.wall_ns;
	}
	f->store = &a->store;
	return AUDIT_OK;
}

int cmd_procs(struct auditor *a, int argc, char **argv)
{
	struct request q = { 0 };
	struct procs_filter f = { .began_ns = INT64_MIN };
	struct procs_host host = { .name = NULL };
	const char *wrong;
	int done, status = options(&q, argc, argv, &done);

	if (status != AUDIT_OK || done)
		return status;
	wrong = contradiction(&q);
	if (wrong != NULL) {
		complain("%s", wrong);
		return AUDIT_USAGE;
	}
	f.unrecorded = q.unrecorded;
	f.strict = q.strict;
	f.fleet = q.file == NULL && a->conninfo != NULL;
	if (f.fleet && q.follow) {
		complain("--follow is for a host's own store; a fleet gets records later");
		return AUDIT_USAGE;
	}
	if (q.file == NULL && !f.fleet && (status = open_store(a, &q, &f)) != AUDIT_OK)
		return status;
	f.local = q.file != NULL || a->control[0] != '\0';
	host.users = users_new(f.fleet ? NULL : &a->store, f.local);
	if (host.users == NULL)
		return no_memory();
	f.host = &host;
	status = show(a, &q, &f, argc - optind, argv + optind);
	expression_free(f.only);
	users_free(host.users);
	return status;
}
