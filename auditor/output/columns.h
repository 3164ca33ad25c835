/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COLUMNS_H
#define SHELLAC_COLUMNS_H

#include <stddef.h>

/* Which columns of a table there is room for. */
#define COLUMNS_END 0xff /* of a list of columns */

/* A mask of those of n columns (at most 32) that fit the terminal on stdout, gap blanks
 * between two: as long as they do not, the next of drop goes, up to COLUMNS_END.  All
 * where stdout is no terminal. */
unsigned columns_fit(const size_t *width, unsigned n, size_t gap, const unsigned char *drop);

#endif
