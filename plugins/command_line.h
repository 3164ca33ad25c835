/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COMMAND_LINE_H
#define SHELLAC_COMMAND_LINE_H

#include <getopt.h>

/* The command line of a plugin.  A program's statuses are those of shellac-plugins(5). */
enum { EXIT_CLEAN, EXIT_USAGE = 2, EXIT_CANNOT };

struct command_line {
	const char *name;            /* of the program, for --version */
	const char *usage;           /* the text of --help */
	const struct option *longs;  /* with help 'h' and version 'V' */
	/* An option of c, getopt_long(3), its argument in optarg.  Other than 0: not a value of it. */
	int (*take)(void *ctx, int c);
	void *ctx;
};

/* Takes all options; optind is behind them.  -1 to go on, else main's status, and why has been
 * said. */
int command_line_take(const struct command_line *l, int argc, char **argv);

/* Says how it is used: main's status. */
int command_line_wrong(const struct command_line *l);

#endif
