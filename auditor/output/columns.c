/* SPDX-License-Identifier: ISC */
#include "output/columns.h"

#include <stdint.h>

#include "replay/terminal.h"

static size_t sum(const size_t *width, unsigned n, size_t gap, unsigned kept)
{
	size_t all = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		if (kept >> i & 1)
			all += width[i] + (all > 0 ? gap : 0);
	return all;
}

unsigned columns_fit(const size_t *width, unsigned n, size_t gap, const unsigned char *drop)
{
	unsigned kept = (unsigned)((UINT64_C(1) << n) - 1);
	uint16_t rows, cols;

	if (!terminal_size(&rows, &cols))
		return kept;
	for (; *drop != COLUMNS_END && sum(width, n, gap, kept) > cols; drop++)
		kept &= ~(1u << *drop);
	return kept;
}
