/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OPTIONS_H
#define SHELLAC_OPTIONS_H

struct options {
	const char *name;     /* argv[0], "" without */
	const char *dir;      /* -d, or NULL */
	char *command;        /* -c, or NULL */
	char *const *args;    /* what follows -c COMMAND, or NULL; ended by NULL */
	char **program;       /* what follows --, or NULL; ended by NULL */
	int forced, probe;
};

/* Reads the command line.  --help and --version are answered here and end the
 * process with 0, a usage error ends it with 2. */
void options_parse(struct options *o, int argc, char **argv);

#endif
