/* SPDX-License-Identifier: ISC */
#include "store_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "err.h"

static const char *const suffixes[] = {
	[SESSION_CLOSED] = ".shlc",
	[SESSION_LIVE] = ".shlc.live",
	[SESSION_CUT] = ".shlc.cut",
};

void store_name_format(char *out, const struct session_name *s)
{
	char id[2 * ID_SIZE + 1];

	hex_put(id, s->id, ID_SIZE);
	snprintf(out, STORE_NAME_MAX, "%" PRIu64 "-%s%s", s->n, id, suffixes[s->state]);
}

/* A decimal number from 1, without leading zeros, that ends at a '-'. */
static int parse_number(const char **p, uint64_t *n)
{
	const char *s = *p;
	uint64_t v = 0;

	if (*s == '0' || *s == '-')
		return E_FORMAT;
	for (; *s >= '0' && *s <= '9'; s++) {
		unsigned d = (unsigned)(*s - '0');

		if (v > (UINT64_MAX - d) / 10)
			return E_FORMAT;
		v = v * 10 + d;
	}
	if (*s != '-')
		return E_FORMAT;
	*p = s + 1;
	*n = v;
	return 0;
}

int store_name_parse(struct session_name *s, const char *name)
{
	char id[2 * ID_SIZE + 1];
	struct session_name got;
	unsigned i;

	if (parse_number(&name, &got.n) != 0 || strnlen(name, sizeof(id)) < sizeof(id))
		return E_FORMAT;
	memcpy(id, name, sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	if (hex_get(got.id, ID_SIZE, id) != 0)
		return E_FORMAT;
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(name + 2 * ID_SIZE, suffixes[i]) != 0)
			continue;
		got.state = (enum session_state)i;
		*s = got;
		return 0;
	}
	return E_FORMAT;
}

void store_day(char *out, int64_t wall_ns)
{
	char t[CLOCK_RFC3339_SIZE];

	clock_rfc3339(t, wall_ns);
	snprintf(out, STORE_DAY_MAX, "%.4s/%.2s/%.2s", t, t + 5, t + 8);
}
