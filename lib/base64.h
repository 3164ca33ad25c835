/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BASE64_H
#define SHELLAC_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Base64 with padding (RFC 4648, section 4), one encoding of any bytes only: no line
 * feeds or spaces inside, no bits that are dropped. */

/* Chars that n bytes take, with the zero behind them. */
#define BASE64_SIZE(n) (((size_t)(n) + 2) / 3 * 4 + 1)

/* out has room for BASE64_SIZE(len). */
void base64_put(char *out, const uint8_t *p, size_t len);

/* Reads the len chars at text into p, which has room for max bytes: their number goes
 * to *n.  0 or E_FORMAT, also where they are more than max; p may then hold some. */
int base64_get(uint8_t *p, size_t max, const char *text, size_t len, size_t *n);

/* The same of exactly n bytes. */
int base64_get_all(uint8_t *p, size_t n, const char *text, size_t len);

#endif
