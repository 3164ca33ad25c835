/* SPDX-License-Identifier: ISC */
/*
 * shellac-filter: a plugin that keeps or drops events, and passes what is left on to another
 * plugin's program, or runs a command for each.
 *
 *   main                  options, the feed, the end
 *   filter_rules          which events pass: expressions of the command line or a file
 *   field_expression,     one of them: its words, its tree, an event held against it
 *     field_words, field_node
 *   pass                  another plugin's program: events to it, acknowledgements back
 *   command               a command for each event
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command.h"
#include "err.h"
#include "escape.h"
#include "../feed.h"
#include "filter_rules.h"
#include "log.h"
#include "pass.h"

enum { EXIT_END, EXIT_ENDED_EARLY, EXIT_USAGE, EXIT_CANNOT };

#define TIMEOUT_S 10
#define A_MINUTE 60

struct options {
	const char *file, *check;
	char *run;
	unsigned timeout_s, a_minute;
	int no_acks;
};

static const char usage[] =
    "usage: shellac-filter [OPTION...] keep|drop [EXPRESSION...] [-- PROGRAM ARG...]\n"
    "       shellac-filter [OPTION...] --run COMMAND keep|drop [EXPRESSION...] [-- ARG...]\n"
    "       shellac-filter --check FILE\n"
    "  -f, --file FILE    expressions, one a line; one that is true of an event is enough\n"
    "      --check FILE   say what is wrong with such a file\n"
    "      --no-acks      PROGRAM acknowledges nothing: what it was written counts as taken\n"
    "      --run COMMAND  run COMMAND for each event, which is its standard input\n"
    "      --timeout S    seconds after which COMMAND is killed (default: 10)\n"
    "      --rate N       times that it may run in a minute (default: 60)\n"
    "  -h, --help         show this help\n"
    "  -V, --version      show the version\n";

static int number(const char *text, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || v == 0 || v > max) {
		fprintf(stderr, "shellac-filter: a number from 1 to %u is expected\n", max);
		return -1;
	}
	*out = (unsigned)v;
	return 0;
}

/* -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {{"file", required_argument, NULL, 'f'},
		{"check", required_argument, NULL, 'c'}, {"no-acks", no_argument, NULL, 'n'},
		{"run", required_argument, NULL, 'r'}, {"timeout", required_argument, NULL, 't'},
		{"rate", required_argument, NULL, 'a'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {0}};
	int opt, wrong = 0;

	while ((opt = getopt_long(argc, argv, "+f:hV", longs, NULL)) != -1) {
		switch (opt) {
		case 'f': o->file = optarg; break;
		case 'c': o->check = optarg; break;
		case 'n': o->no_acks = 1; break;
		case 'r': o->run = optarg; break;
		case 't': wrong |= number(optarg, 3600, &o->timeout_s); break;
		case 'a': wrong |= number(optarg, 100000, &o->a_minute); break;
		case 'h': fputs(usage, stdout); return EXIT_END;
		case 'V': puts("shellac-filter " PACKAGE_VERSION); return EXIT_END;
		default: fputs(usage, stderr); return EXIT_USAGE;
		}
	}
	return wrong ? EXIT_USAGE : -1;
}

/* FILE:LINE:COLUMN, for people and editors */
static void say_wrong(void *ctx, unsigned line, const struct field_wrong *wrong)
{
	char file[256], why[2 * FIELD_WHY];

	fprintf(stderr, "%s:%u:%zu: %s\n", escape_str(file, sizeof(file), ctx), line, wrong->column,
	    escape_str(why, sizeof(why), wrong->why));
}

static int read_file(struct filter_rules *rules, const char *path)
{
	char name[256], *file = strdup(path);
	int r = file != NULL ? filter_rules_read(rules, path, say_wrong, file) : -ENOMEM;

	free(file);
	if (r == 0 || r == E_FORMAT)
		return r;
	fprintf(stderr, "shellac-filter: %s: %s\n", escape_str(name, sizeof(name), path),
	    err_text(r));
	return -EIO;
}

static int check(const char *path)
{
	struct filter_rules rules = {0};
	int r = read_file(&rules, path);

	filter_rules_release(&rules);
	return r == 0 ? EXIT_END : r == E_FORMAT ? EXIT_ENDED_EARLY : EXIT_CANNOT;
}

/* The words of the expression, which is one, with a blank between them. */
static int read_words(struct filter_rules *rules, char **words, int count)
{
	char text[FIELD_TEXT_MAX + 1], command[] = "expression";
	struct field_wrong wrong;
	size_t len = 0;
	int r;

	for (int i = 0; i < count; i++) {
		size_t n = strlen(words[i]);

		if (len + n + 1 > FIELD_TEXT_MAX) {
			fprintf(stderr, "shellac-filter: the expression is longer than %d bytes\n",
			    FIELD_TEXT_MAX);
			return E_FORMAT;
		}
		memcpy(text + len, words[i], n);
		text[len + n] = ' ';
		len += n + 1;
	}
	r = filter_rules_add(rules, text, len - 1, &wrong);
	if (r == E_FORMAT)
		say_wrong(command, 1, &wrong);
	return r;
}

/* keep or drop, expressions, and where the program's own words begin: 0, or an exit status.
 * *program points to nothing where there is none. */
static int read_rules(struct filter_rules *rules, const struct options *o, char **argv,
    char ***program)
{
	int n = 0;

	if (argv[0] == NULL || (strcmp(argv[0], "keep") != 0 && strcmp(argv[0], "drop") != 0)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	rules->drop = strcmp(argv[0], "drop") == 0;
	argv++;
	while (argv[n] != NULL && strcmp(argv[n], "--") != 0)
		n++;
	*program = argv[n] != NULL ? argv + n + 1 : argv + n;
	if (o->file != NULL && read_file(rules, o->file) != 0)
		return EXIT_USAGE;
	if (n > 0 && read_words(rules, argv, n) != 0)
		return EXIT_USAGE;
	if (n == 0 && o->file == NULL) {
		fputs("shellac-filter: an expression or --file is missing\n", stderr);
		return EXIT_USAGE;
	}
	return 0;
}

static int passes(const struct filter_rules *rules, const struct feed_event *e)
{
	int r = filter_rules_pass(rules, e->json);

	if (r < 0)
		log_warn("event %llu is too much work for a regular expression; it passes",
		    (unsigned long long)e->seq);
	return r != 0;
}

static int pass_on(const struct filter_rules *rules, struct feed *f, struct pass *p)
{
	const struct feed_event *hello = feed_hello(f);
	struct pollfd fds[PASS_POLL];
	struct feed_event e;

	if (hello->line != NULL)
		pass_give(p, hello->line, hello->len, 0);
	while (!feed_over(f) && !pass_over(p)) {
		nfds_t n = pass_poll(p, fds);

		if (pass_has_room(p))
			feed_wait(f, fds, n, -1);
		else
			feed_pause(f, fds, n, -1);
		pass_turn(p, fds);
		while (pass_has_room(p) && feed_next(f, &e)) {
			if (passes(rules, &e))
				pass_give(p, e.line, e.len, e.seq);
			else
				pass_skip(p, e.seq);
		}
		feed_ack(f, pass_acked(p));
	}
	return pass_over(p) && !feed_over(f);
}

static void say_end(const char *program, int status)
{
	if (status != -1 && WIFSIGNALED(status))
		log_error("%s: killed by signal %d", program, WTERMSIG(status));
	else if (status != -1)
		log_error("%s: it has ended, exit status %d", program, WEXITSTATUS(status));
}

static int serve_program(const struct filter_rules *rules, struct feed *f, char **program,
    int acks)
{
	struct pass *p;
	int r = pass_open(&p, program, acks), early;

	if (r != 0) {
		log_error("%s: %s", program[0], err_text(r));
		return EXIT_CANNOT;
	}
	early = pass_on(rules, f, p);
	pass_finish(p);
	feed_ack(f, pass_acked(p));
	r = pass_close(p);
	if (early)
		say_end(program[0], r);
	return early ? EXIT_ENDED_EARLY : EXIT_END;
}

/* argv: the command's; its path is NULL where nothing is run, and matches are for nobody. */
static int serve_command(const struct filter_rules *rules, struct feed *f, struct command *c)
{
	struct feed_event e;
	int r = 0;

	while (r == 0 && !feed_over(f)) {
		feed_wait(f, NULL, 0, -1);
		while (r == 0 && feed_next(f, &e)) {
			if (c->argv[0] != NULL && e.seq != 0 && passes(rules, &e))
				r = command_run(c, f, &e);
			if (r == 0)
				feed_ack(f, e.seq);
		}
	}
	command_end(c);
	if (r == 0 || r == -ECANCELED)
		return EXIT_END;
	log_error("%s: %s", c->argv[0], err_text(r));
	return EXIT_CANNOT;
}

static int serve(const struct filter_rules *rules, const struct options *o, char **program)
{
	struct command c = {.argv = program, .timeout_s = o->timeout_s, .a_minute = o->a_minute};
	struct feed *f;
	int r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO), status;

	if (r != 0) {
		log_error("the dispatcher's first line: %s", err_text(r));
		return EXIT_CANNOT;
	}
	status = o->run == NULL && program[0] != NULL ?
	    serve_program(rules, f, program, !o->no_acks) : serve_command(rules, f, &c);
	r = feed_close(f);
	if (r == 0)
		return status;
	log_error("the feed of events: %s", err_text(r));
	return EXIT_CANNOT;
}

int main(int argc, char **argv)
{
	struct options o = {.timeout_s = TIMEOUT_S, .a_minute = A_MINUTE};
	struct filter_rules rules = {0};
	char **program = NULL;
	int r = read_options(argc, argv, &o);

	if (r >= 0)
		return r;
	if (o.check != NULL)
		return check(o.check);
	log_open("shellac-filter", 0, LOG_L_INFO);
	r = read_rules(&rules, &o, argv + optind, &program);
	if (r == 0 && o.run != NULL) {
		program--; /* "--", or the word before it that nobody needs any more */
		program[0] = o.run;
	}
	if (r == 0)
		r = serve(&rules, &o, program);
	filter_rules_release(&rules);
	return r;
}
