/* SPDX-License-Identifier: ISC */
#include "words/word.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "words/date.h"
#include "words/options.h"

int word_read(void *ctx, const char *text, void **value)
{
	struct word *w;

	(void)ctx;
	if (text[0] == '\0')
		return -EINVAL;
	w = calloc(1, sizeof *w + strlen(text) + 1);
	if (w == NULL)
		return -ENOMEM;
	memcpy(w->text, text, strlen(text));
	w->is_number = opt_number(text, UINT32_MAX, &w->number) == 0;
	*value = w;
	return 0;
}

int word_read_number(void *ctx, const char *text, void **value)
{
	unsigned long long v;
	int r = opt_number(text, UINT32_MAX, &v);

	return r != 0 ? r : word_read(ctx, text, value);
}

int word_read_tty(void *ctx, const char *text, void **value)
{
	return word_read(ctx, strncmp(text, "/dev/", 5) == 0 ? text + 5 : text, value);
}

int word_read_date(void *ctx, const char *text, void **value)
{
	int64_t *ns = malloc(sizeof *ns);
	int r;

	(void)ctx;
	if (ns == NULL)
		return -ENOMEM;
	r = date_parse(text, clock_wall(), ns);
	if (r != 0)
		free(ns);
	else
		*value = ns;
	return r;
}

int word_group(const char *text, int local, void **value)
{
	const struct group *g;
	struct word *w;
	int r = word_read(NULL, text, value);

	if (r != 0)
		return r;
	w = *value;
	g = w->is_number || !local ? NULL : getgrnam(text);
	if (g == NULL && !w->is_number) {
		free(w);
		return -EINVAL;
	}
	if (g != NULL)
		w->number = g->gr_gid;
	return 0;
}
