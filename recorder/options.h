/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OPTIONS_H
#define SHELLAC_OPTIONS_H

/* A link to us of such a name stands for a shell: shellac-bash. */
#define OPTIONS_SHELL "shellac-"

struct options {
	const char *name;     /* argv[0], "" without */
	const char *dir;      /* -d, or NULL */
	char *command;        /* -c, or NULL */
	char *const *args;    /* what follows -c COMMAND, or NULL; as a shell all the
			       * arguments; ended by NULL */
	char **program;       /* what follows --, or NULL; ended by NULL */
	int as_shell;         /* called by a name of a shell */
	int login;            /* a login shell is wanted */
	int plain;            /* nothing but a shell is wanted */
	int forced, probe;
};

/* Reads the command line.  Called as a shell, by a name that starts with a minus
 * or one like shellac-bash, all arguments are the shell's and none an option of
 * ours; -l alone is what the minus is.  --help and --version are answered here and
 * end the process with 0, a usage error ends it with 2. */
void options_parse(struct options *o, int argc, char **argv);

#endif
