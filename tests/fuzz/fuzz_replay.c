/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/replay/replay_filter.h"
#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The allow-list once more, as a pattern of what may begin with ESC. */
static const char allowed[] =
    "^\033("
    "[78DEM]"
    "|[()*+][0AB]"
    "|\\[[0-9;]*[@ABCDEFGHIKLMPSXZ`adefr]"
    "|\\[[0-9]*[bT]"
    "|\\[[0-9;:]*m"
    "|\\[[012]?J"
    "|\\[[su]"
    "|\\[4[hl]"
    "|\\[\\?(7|25|47|1047|1048|1049)[hl]"
    ")";

static const regex_t *pattern(void)
{
	static regex_t re;
	static int made;

	if (!made && regcomp(&re, allowed, REG_EXTENDED) != 0)
		abort();
	made = 1;
	return &re;
}

static size_t check_one(const uint8_t *p, const uint8_t *end)
{
	regmatch_t m = { 0, (regoff_t)(end - p) };
	uint32_t cp;
	int n;

	if (*p == 0x1b) {
		if (m.rm_eo > 256)
			m.rm_eo = 256;
		assert(regexec(pattern(), (const char *)p, 1, &m, REG_STARTEND) == 0);
		return (size_t)m.rm_eo;
	}
	n = utf8_next(p, (size_t)(end - p), &cp);
	assert(n > 0 && cp != 0);
	assert(escape_printable(cp) || (cp < 0x20 && strchr("\b\t\n\v\f\r\x0e\x0f", (int)cp)));
	return (size_t)n;
}

static void filter(struct sink *out, const uint8_t *p, size_t len, size_t cut)
{
	struct replay_filter f;

	replay_filter_init(&f, out);
	replay_filter_put(&f, p, cut);
	replay_filter_put(&f, p + cut, len - cut);
	replay_filter_end(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sink whole, cut;
	size_t at = len > 0 ? p[len - 1] % len : 0, i;

	if (sink_init(&whole, -1) != 0)
		return 0;
	if (sink_init(&cut, -1) == 0) {
		filter(&whole, p, len, len);
		filter(&cut, p, len, at);
		for (i = 0; i < whole.len;)
			i += check_one(whole.buf + i, whole.buf + whole.len);
		assert(whole.len == cut.len && memcmp(whole.buf, cut.buf, whole.len) == 0);
		sink_release(&cut);
	}
	sink_release(&whole);
	return 0;
}
