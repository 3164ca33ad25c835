/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DURATION_H
#define SHELLAC_DURATION_H

#include <stdint.h>

#define DURATION_WORDS "a duration, as 90, 90s, 10min, 2h or 1d"

/* Reads "90" (seconds), "90s", "10min" (or m), "2h", "1d", or several as "1h30min":
 * nanoseconds.  0; E_FORMAT: it is none; E_RANGE: over 64 bits. */
int duration_parse(const char *text, uint64_t *out_ns);

#endif
