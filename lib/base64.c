/* SPDX-License-Identifier: ISC */
#include "base64.h"

#include <sodium.h>

#include "err.h"

#define B64 sodium_base64_VARIANT_ORIGINAL

void base64_put(char *out, const uint8_t *p, size_t len)
{
	sodium_bin2base64(out, BASE64_SIZE(len), p, len, B64);
}

/* libsodium 1.0.18 takes bytes over 0x7f for '/'.  No branch on a byte: the text may
 * be a secret key's. */
static int over_ascii(const char *text, size_t len)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < len; i++)
		all |= (unsigned char)text[i];
	return (all & 0x80) != 0;
}

int base64_get(uint8_t *p, size_t max, const char *text, size_t len, size_t *n)
{
	size_t got;

	if (over_ascii(text, len) ||
	    sodium_base642bin(p, max, text, len, NULL, &got, NULL, B64) != 0)
		return E_FORMAT;
	*n = got;
	return 0;
}

int base64_get_all(uint8_t *p, size_t n, const char *text, size_t len)
{
	size_t got;

	return base64_get(p, n, text, len, &got) == 0 && got == n ? 0 : E_FORMAT;
}
