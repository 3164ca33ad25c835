/* SPDX-License-Identifier: ISC */
#include "command_line.h"

#include <stdio.h>

#include "log.h"

int command_line_wrong(const struct command_line *l)
{
	fputs(l->usage, stderr);
	return EXIT_USAGE;
}

int command_line_take(const struct command_line *l, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "hV", l->longs, NULL)) != -1) {
		if (c == 'h') {
			fputs(l->usage, stdout);
			return EXIT_CLEAN;
		}
		if (c == 'V') {
			printf("%s " PACKAGE_VERSION "\n", l->name);
			return EXIT_CLEAN;
		}
		if (c == '?')
			return command_line_wrong(l);
		if (l->take(l->ctx, c) != 0) {
			log_error("not a value of its option: %s", optarg);
			return command_line_wrong(l);
		}
	}
	return -1;
}
