/* SPDX-License-Identifier: ISC */
#include "draw_check.h"

#include <assert.h>
#include <regex.h>
#include <stdlib.h>

#include "escape.h"
#include "utf8.h"

static const char allowed[] = "^\033\\[("
    "[0-9]+;[0-9]+H"
    "|[0-9;]*m"
    "|K"
    "|2J"
    "|\\?(25|1049)[hl]"
    ")";

static size_t check_one(const regex_t *re, const uint8_t *p, size_t len)
{
	regmatch_t m = { 0, len < 128 ? (regoff_t)len : 128 };
	uint32_t cp;
	int n;

	if (*p == 0x1b) {
		assert(regexec(re, (const char *)p, 1, &m, REG_STARTEND) == 0);
		return (size_t)m.rm_eo;
	}
	n = utf8_next(p, len, &cp);
	assert(n > 0);
	assert(escape_printable(cp) || cp == '\r' || cp == '\n');
	return (size_t)n;
}

void draw_check(const uint8_t *p, size_t len)
{
	regex_t re;
	size_t i;

	if (regcomp(&re, allowed, REG_EXTENDED) != 0)
		abort();
	for (i = 0; i < len;)
		i += check_one(&re, p + i, len - i);
	regfree(&re);
}
