/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SURVIVORS_H
#define SHELLAC_SURVIVORS_H

#include <stddef.h>
#include <stdint.h>

/* shellac-format(5), META key 4 */
#define SURVIVOR_SIZE 12
#define SURVIVORS_MAX 1024

/* All processes below this one, as many as are found in one pass over /proc and at
 * most max; writes SURVIVOR_SIZE bytes for each.  Returns their number.  A process
 * that is ending or starting meanwhile may be missing. */
size_t survivors_list(uint8_t *out, size_t max);

#endif
