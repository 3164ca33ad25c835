/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OPTIONS_H
#define SHELLAC_OPTIONS_H

#include <stdio.h>

/* One table for each command: it drives getopt_long(3) and --help. */
struct opt {
	int id;           /* the short letter, or OPT_LONG + i for a long name only */
	const char *name; /* the long name, or NULL */
	const char *arg;  /* the argument's name in help, "this|that" where it is one of a few
	                   * words; NULL for none */
	const char *help;
};

#define OPT_LONG 256
#define OPT_END (-1)   /* no more options: optind is the first argument */
#define OPT_USAGE '?'  /* said on stderr already */
#define OPTS_MAX 16    /* options of one table, its end included */

/* Next option of a table that ends with { 0 }: its id (the argument in optarg),
 * OPT_END or OPT_USAGE.  Set optind to 0 before the first call with a table.
 * Options end at the first argument when first_argument_ends is set. */
int opt_next(const struct opt *table, int argc, char **argv, int first_argument_ends);

/* Lines of at most 80 columns, which what completes command lines reads too. */
void opt_help(FILE *f, const struct opt *table);

/* A decimal number of at most max that is the whole text.  0 or -EINVAL. */
int opt_number(const char *text, unsigned long long max, unsigned long long *out);

/* A decimal fraction over 0, at most max.  0 or -EINVAL. */
int opt_fraction(const char *text, double max, double *out);

#endif
