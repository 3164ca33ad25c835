/* SPDX-License-Identifier: ISC */
#include "amount.h"

#include <string.h>

#include "decimal.h"
#include "err.h"

struct unit {
	char letter;
	uint32_t factor;
};

static const struct unit no_units[] = {{'\0', 1}};
static const struct unit sizes[] = {{'K', 1u << 10}, {'M', 1u << 20}, {'G', 1u << 30}, {'\0', 1}};
static const struct unit times[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'\0', 1}};

/* u: what the text may end with; the last has no letter. */
static int get(uint64_t *v, const char *text, const struct unit *u, uint64_t min, uint64_t max)
{
	size_t len = strlen(text);
	uint64_t n;
	int r;

	while (u->letter != '\0' && (len == 0 || text[len - 1] != u->letter))
		u++;
	r = decimal_get(&n, text, len - (u->letter != '\0'));
	if (r != 0)
		return r;
	if (n > max / u->factor || n * u->factor < min)
		return E_RANGE;
	*v = n * u->factor;
	return 0;
}

int amount_bytes(uint64_t *v, const char *text, uint64_t min, uint64_t max)
{
	return get(v, text, sizes, min, max);
}

int amount_seconds(uint64_t *v, const char *text, uint64_t min, uint64_t max)
{
	return get(v, text, times, min, max);
}

int amount_number(uint64_t *v, const char *text, uint64_t min, uint64_t max)
{
	return get(v, text, no_units, min, max);
}
