/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define EXIT_USAGE 2

enum { OPT_FORCED = 256, OPT_PROBE, OPT_HELP, OPT_VERSION };

/* The one table: parser and --help; the manual page is held against it. */
static const struct {
	int value;
	const char *name, *arg, *help;
} table[] = {
	{ 'd', NULL, "DIR", "everything is below this private folder" },
	{ 'c', NULL, "COMMAND", "run COMMAND with the login shell" },
	{ OPT_FORCED, "forced", NULL, "as ForceCommand of sshd: run what its client asked for" },
	{ OPT_PROBE, "probe", NULL, "status 0 if a recording could start here" },
	{ OPT_HELP, "help", NULL, "show this" },
	{ OPT_VERSION, "version", NULL, "show the version" },
};

#define OPTIONS (sizeof(table) / sizeof(*table))

static const char usage[] =
    "usage: shellac-rec [-d DIR] [-c COMMAND [ARG...] | --forced | -- PROGRAM ARG...]\n";

static _Noreturn void usage_error(void)
{
	fputs(usage, stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void help(void)
{
	char left[32];
	size_t i;

	fputs(usage, stdout);
	for (i = 0; i < OPTIONS; i++) {
		if (table[i].name != NULL)
			snprintf(left, sizeof(left), "--%s", table[i].name);
		else
			snprintf(left, sizeof(left), "-%c %s", table[i].value, table[i].arg);
		printf("  %-12s %s\n", left, table[i].help);
	}
	exit(0);
}

static _Noreturn void version(void)
{
	puts("shellac-rec " PACKAGE_VERSION);
	exit(0);
}

static void make_table(struct option *longs, char *shorts)
{
	size_t i, n = 0;

	*shorts++ = '+';
	for (i = 0; i < OPTIONS; i++) {
		if (table[i].name == NULL) {
			*shorts++ = (char)table[i].value;
			*shorts++ = ':';
			continue;
		}
		longs[n++] = (struct option){ table[i].name, no_argument, NULL, table[i].value };
	}
	*shorts = '\0';
	memset(&longs[n], 0, sizeof(longs[n]));
}

/* What is left over: COMMAND's arguments, or after a -- a program. */
static void take_rest(struct options *o, int argc, char **argv)
{
	const int dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;

	if (o->command != NULL && o->forced)
		usage_error();
	if (optind >= argc)
		return;
	if (o->command != NULL && !dashes)
		o->args = argv + optind;
	else if (o->command == NULL && !o->forced && dashes)
		o->program = argv + optind;
	else
		usage_error();
}

static int is_shell_name(const char *called)
{
	const char *slash = strrchr(called, '/'), *name = slash != NULL ? slash + 1 : called;

	return called[0] == '-' || (strncmp(name, OPTIONS_SHELL, sizeof(OPTIONS_SHELL) - 1) == 0 &&
	    strcmp(name, "shellac-rec") != 0);
}

static void parse_as_shell(struct options *o, char **argv)
{
	char **args = argv + 1;

	o->as_shell = 1;
	o->login = argv[0][0] == '-';
	if (args[0] != NULL && args[1] == NULL && strcmp(args[0], "-l") == 0) {
		o->login = 1;
		args++;
	}
	o->plain = args[0] == NULL;
	o->args = args;
	if (!o->plain && strcmp(args[0], "-c") == 0)
		o->command = args[1];
}

static void parse(struct options *o, int argc, char **argv)
{
	struct option longs[OPTIONS + 1];
	char shorts[2 * OPTIONS + 2];
	int c;

	make_table(longs, shorts);
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		switch (c) {
		case 'd': o->dir = optarg; break;
		case 'c': o->command = optarg; break;
		case OPT_FORCED: o->forced = 1; break;
		case OPT_PROBE: o->probe = 1; break;
		case OPT_HELP: help();
		case OPT_VERSION: version();
		default: usage_error();
		}
	}
	take_rest(o, argc, argv);
	o->login = o->command == NULL;
	o->plain = o->login && o->program == NULL && !o->forced;
}

void options_parse(struct options *o, int argc, char **argv)
{
	memset(o, 0, sizeof(*o));
	o->name = argc > 0 ? argv[0] : "";
	if (is_shell_name(o->name))
		parse_as_shell(o, argv);
	else
		parse(o, argc, argv);
	if (getauxval(AT_SECURE) != 0)
		o->dir = NULL;
	else if (o->dir == NULL)
		o->dir = getenv("SHELLAC_DIR");
}
