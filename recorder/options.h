/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OPTIONS_H
#define SHELLAC_OPTIONS_H

struct options {
	const char *dir;      /* -d, or NULL */
	char *command;        /* -c, or NULL */
	char **program;       /* what follows --, or NULL; ended by NULL */
	int probe;
};

/* Reads the command line.  --help and --version are answered here and end the
 * process with 0, a usage error ends it with 2. */
void options_parse(struct options *o, int argc, char **argv);

#endif
