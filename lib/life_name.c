/* SPDX-License-Identifier: ISC */
#include "life_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "decimal.h"
#include "err.h"

#define BOOT_DIGITS (2 * BOOT_ID_SIZE)

char *life_name_format(char *out, const struct life_name *n)
{
	size_t len = 0;

	if (n->has_boot) {
		hex_put(out, n->boot_id, BOOT_ID_SIZE);
		out[BOOT_DIGITS] = ':';
		len = BOOT_DIGITS + 1;
	}
	len += (size_t)snprintf(out + len, LIFE_NAME_SIZE - len, "%" PRIu32 ":%" PRIu64, n->pid,
	    n->start_ticks);
	if (n->ordinal != 0)
		snprintf(out + len, LIFE_NAME_SIZE - len, ":%u", n->ordinal);
	return out;
}

/* The number of at most max that begins at *p and ends at a colon, which *p is then
 * behind, or with the text, and then *p is NULL. */
static int take_number(const char **p, uint64_t max, uint64_t *v)
{
	const char *text = *p, *colon;
	int r;

	if (text == NULL)
		return E_FORMAT;
	colon = strchr(text, ':');
	r = decimal_get(v, text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	if (r != 0 || *v > max)
		return E_FORMAT;
	*p = colon != NULL ? colon + 1 : NULL;
	return 0;
}

/* What is behind a boot id at *p, which has no number's length. */
static int take_boot(const char **p, struct life_name *n)
{
	char digits[BOOT_DIGITS + 1];

	if (strcspn(*p, ":") != BOOT_DIGITS)
		return 0;
	memcpy(digits, *p, BOOT_DIGITS);
	digits[BOOT_DIGITS] = '\0';
	*p += BOOT_DIGITS;
	if (**p != ':' || hex_get(n->boot_id, BOOT_ID_SIZE, digits) != 0)
		return E_FORMAT;
	n->has_boot = 1;
	++*p;
	return 0;
}

int life_name_parse(const char *text, struct life_name *n)
{
	struct life_name got = {0};
	uint64_t pid, start, ordinal = 0;

	if (take_boot(&text, &got) != 0 || take_number(&text, INT32_MAX, &pid) != 0 || pid == 0 ||
	    take_number(&text, INT64_MAX, &start) != 0)
		return E_FORMAT;
	if (text != NULL && (take_number(&text, UINT16_MAX, &ordinal) != 0 || ordinal == 0))
		return E_FORMAT;
	if (text != NULL)
		return E_FORMAT;
	got.pid = (uint32_t)pid;
	got.start_ticks = start;
	got.ordinal = (uint16_t)ordinal;
	*n = got;
	return 0;
}
