/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

int opt_next(const struct opt *table, int argc, char **argv, int first_argument_ends)
{
	struct option longs[OPTS_MAX];
	char shorts[2 * OPTS_MAX + 2];
	size_t n = 0, s = 0, i;

	memset(longs, 0, sizeof longs);
	if (first_argument_ends)
		shorts[s++] = '+';
	for (i = 0; table[i].id != 0; i++) {
		assert(i < OPTS_MAX - 1);
		if (table[i].id < OPT_LONG) {
			shorts[s++] = (char)table[i].id;
			if (table[i].arg != NULL)
				shorts[s++] = ':';
		}
		if (table[i].name != NULL) {
			longs[n].name = table[i].name;
			longs[n].has_arg = table[i].arg != NULL;
			longs[n].val = table[i].id;
			n++;
		}
	}
	shorts[s] = '\0';
	return getopt_long(argc, argv, shorts, longs, NULL);
}

void opt_help(FILE *f, const struct opt *table)
{
	for (; table->id != 0; table++) {
		char left[64];
		int n = 0;

		if (table->id < OPT_LONG)
			n = snprintf(left, sizeof left, "-%c%s", table->id,
			    table->name != NULL ? ", " : "");
		else
			n = snprintf(left, sizeof left, "    ");
		if (table->name != NULL)
			n += snprintf(left + n, sizeof left - (size_t)n, "--%s", table->name);
		if (table->arg != NULL)
			snprintf(left + n, sizeof left - (size_t)n, " %s", table->arg);
		fprintf(f, "  %-22s  %s\n", left, table->help);
	}
}

int opt_number(const char *text, unsigned long long max, unsigned long long *out)
{
	unsigned long long v;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}

int opt_fraction(const char *text, double max, double *out)
{
	double v;
	char *end;

	if (text[strspn(text, "0123456789.")] != '\0')
		return -EINVAL;
	errno = 0;
	v = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' || !(v > 0) || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}
