/* SPDX-License-Identifier: ISC */
#include "duration.h"

#include <stddef.h>
#include <string.h>

#include "err.h"

#define SECOND UINT64_C(1000000000)

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "s", SECOND }, { "sec", SECOND }, { "m", 60 * SECOND }, { "min", 60 * SECOND },
	{ "h", 3600 * SECOND }, { "d", 86400 * SECOND },
};

/* The unit that the letters at *text are; they are stepped over. */
static const struct unit *take_unit(const char **text)
{
	size_t len = strspn(*text, "abcdefghijklmnopqrstuvwxyz"), i;

	for (i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strlen(units[i].name) == len && strncmp(*text, units[i].name, len) == 0) {
			*text += len;
			return &units[i];
		}
	return NULL;
}

static int take_digits(const char **text, uint64_t *v)
{
	const char *at = *text;

	for (*v = 0; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(*v, 10, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(*at - '0'), v))
			return E_RANGE;
	if (at == *text)
		return E_FORMAT;
	*text = at;
	return 0;
}

int duration_parse(const char *text, uint64_t *out_ns)
{
	const char *begin = text;
	uint64_t all = 0, v;
	int r;

	do {
		const struct unit *u = &units[0];
		int first = text == begin;

		if ((r = take_digits(&text, &v)) != 0)
			return r;
		if (!(first && *text == '\0') && (u = take_unit(&text)) == NULL)
			return E_FORMAT;
		if (__builtin_mul_overflow(v, u->ns, &v) || __builtin_add_overflow(all, v, &all))
			return E_RANGE;
	} while (*text != '\0');
	*out_ns = all;
	return 0;
}
