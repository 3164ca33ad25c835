/* SPDX-License-Identifier: ISC */
#include "words/options.h"

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

#define HELP_COLS 80
#define HELP_LEFT 24 /* columns of options, their margin included */

/* text behind HELP_LEFT columns, of which the line has used so many; broken at blanks. */
static void put_text(FILE *f, const char *text, int used)
{
	int room = HELP_COLS - HELP_LEFT - 2;

	if (used > HELP_LEFT) {
		fputc('\n', f);
		used = 0;
	}
	for (;;) {
		int len = (int)strlen(text);

		if (len > room)
			for (len = room; len > 0 && text[len] != ' '; len--)
				;
		if (len == 0) /* one word longer than the line */
			len = (int)strcspn(text, " ");
		fprintf(f, "%*s  %.*s\n", HELP_LEFT - used, "", len, text);
		text += len;
		text += strspn(text, " ");
		if (text[0] == '\0')
			return;
		used = 0;
	}
}

void opt_help(FILE *f, const struct opt *table)
{
	for (; table->id != 0; table++) {
		int n;

		if (table->id < OPT_LONG)
			n = fprintf(f, "  -%c%s", table->id, table->name != NULL ? ", " : "");
		else
			n = fprintf(f, "      ");
		if (table->name != NULL)
			n += fprintf(f, "--%s", table->name);
		if (table->arg != NULL)
			n += fprintf(f, " %s", table->arg);
		put_text(f, table->help, n);
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
