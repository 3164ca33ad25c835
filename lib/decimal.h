/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DECIMAL_H
#define SHELLAC_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_DIGITS 19 /* of 2^63 - 1 */

/* Reads a number that is all of the len chars at text: digits alone, no leading zero.
 * 0, E_FORMAT, or E_RANGE where it is over 2^63 - 1. */
int decimal_get(uint64_t *v, const char *text, size_t len);

#endif
