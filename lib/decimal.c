/* SPDX-License-Identifier: ISC */
#include "decimal.h"

#include "err.h"

int decimal_get(uint64_t *v, const char *text, size_t len)
{
	uint64_t n = 0;
	size_t i;

	if (len == 0 || (text[0] == '0' && len > 1))
		return E_FORMAT;
	for (i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return E_FORMAT;
	if (len > DECIMAL_DIGITS)
		return E_RANGE;
	for (i = 0; i < len; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	if (n > INT64_MAX)
		return E_RANGE;
	*v = n;
	return 0;
}
