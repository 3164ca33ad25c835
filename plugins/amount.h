/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_AMOUNT_H
#define SHELLAC_AMOUNT_H

#include <stdint.h>

/* Amounts as options give them: digits and one letter at most.  0 and *v, E_FORMAT, or
 * E_RANGE where it is not from min to max. */

/* Bytes: K, M or G are powers of 1024. */
int amount_bytes(uint64_t *v, const char *text, uint64_t min, uint64_t max);

/* Seconds: s, m, h or d; none is seconds. */
int amount_seconds(uint64_t *v, const char *text, uint64_t min, uint64_t max);

/* No letter. */
int amount_number(uint64_t *v, const char *text, uint64_t min, uint64_t max);

#endif
