/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_DRAW_CHECK_H
#define SHELLAC_TEST_DRAW_CHECK_H

#include <stddef.h>
#include <stdint.h>

/* Aborts where the bytes are more than a replay may put out: text that can be shown, CSI H,
 * m, K and 2J, the modes 25 and 1049; CR LF. */
void draw_check(const uint8_t *p, size_t len);

#endif
