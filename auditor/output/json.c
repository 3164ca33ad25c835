/* SPDX-License-Identifier: ISC */
#include "output/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "utf8.h"

#define REAL_DIGITS 15 /* so that 0.07 is written as 0.07 */
#define HEX_MAX 32     /* bytes */

json_t *json_bytes(const char *s)
{
	char *utf8;
	json_t *j;

	if (s[0] == '\0')
		return json_null();
	utf8 = utf8_from_bytes((const uint8_t *)s, strlen(s));
	if (utf8 == NULL)
		return NULL;
	j = json_string(utf8);
	free(utf8);
	return j;
}

json_t *json_time(int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	return json_bytes(clock_rfc3339(text, wall_ns));
}

json_t *json_u64(uint64_t v)
{
	return v <= INT64_MAX ? json_integer((json_int_t)v) : json_null();
}

json_t *json_hex(const uint8_t *p, size_t len)
{
	char text[2 * HEX_MAX + 1];

	if (len > HEX_MAX)
		return json_null();
	hex_put(text, p, len);
	return json_string(text);
}

/* DEL is ASCII, too, but nothing to put out as it is. */
static int put_part(const char *p, size_t len, void *arg)
{
	size_t i;
	int r = 0;

	(void)arg;
	for (i = 0; i < len && r >= 0; i++)
		r = p[i] == 0x7f ? fputs("\\u007f", stdout) : putchar_unlocked(p[i]);
	return r < 0 ? -1 : 0;
}

void json_line(json_t *o)
{
	if (o == NULL || json_dump_callback(o, put_part, NULL, JSON_COMPACT | JSON_ENSURE_ASCII |
	    JSON_REAL_PRECISION(REAL_DIGITS)) != 0) {
		if (finish_stdout(AUDIT_OK) == AUDIT_OK)
			complain("cannot write JSON: %s", err_text(-ENOMEM));
		exit(AUDIT_CANNOT);
	}
	putchar('\n');
	json_decref(o);
}
