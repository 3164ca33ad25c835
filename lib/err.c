/* SPDX-License-Identifier: ISC */
#include "err.h"

#include <stddef.h>
#include <string.h>

static const struct {
	int code;
	const char *text;
} texts[] = {
	{ E_FORMAT, "not as the format says" },
	{ E_SHORT, "more bytes are needed" },
	{ E_RANGE, "a length or number is out of its limits" },
	{ E_SIGNATURE, "the signature does not verify" },
	{ E_CHAIN, "not the next link of this chain" },
	{ E_DIGEST, "the payload is not the one that was signed" },
	{ E_TOTALS, "time or totals differ from the events" },
	{ E_KEY, "the key file is malformed or of unsafe owner or mode" },
	{ E_END, "bytes after the end" },
	{ E_REFUSED, "refused by the other side" },
	{ E_BYTE_ORDER, "written by a machine of the other byte order" },
};

const char *err_text(int r)
{
	const char *s;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (r == texts[i].code)
			return texts[i].text;
	/* unlike strerror(3): no locale, no buffer that threads share */
	s = r < 0 && r > -4096 ? strerrordesc_np(-r) : NULL;
	return s != NULL ? s : "unknown error";
}
