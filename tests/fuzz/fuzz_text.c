/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "../../auditor/text_filter.h"
#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void filter(struct sink *out, const uint8_t *p, size_t len, size_t cut)
{
	static struct text_filter t;

	text_filter_init(&t, out);
	text_filter_put(&t, p, cut);
	text_filter_put(&t, p + cut, len - cut);
	text_filter_end(&t);
}

/* Only tab and line feed, and what may stand on a terminal as it is. */
static void check(const struct sink *out)
{
	const uint8_t *p = out->buf, *end = out->buf + out->len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		assert(n > 0);
		assert(cp == '\t' || cp == '\n' || escape_printable(cp));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sink whole, cut;
	size_t at = len > 0 ? p[len - 1] % len : 0;

	if (sink_init(&whole, -1) != 0)
		return 0;
	if (sink_init(&cut, -1) == 0) {
		filter(&whole, p, len, len);
		filter(&cut, p, len, at);
		check(&whole);
		assert(whole.len == cut.len && memcmp(whole.buf, cut.buf, whole.len) == 0);
		sink_release(&cut);
	}
	sink_release(&whole);
	return 0;
}
