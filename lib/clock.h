/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CLOCK_H
#define SHELLAC_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC, CLOCK_BOOTTIME and CLOCK_REALTIME
 * (clock_gettime(2)).  These cannot fail on Linux. */
uint64_t clock_mono(void);
uint64_t clock_boot(void);
int64_t clock_wall(void);

#define CLOCK_RFC3339_SIZE 31 /* "2026-11-21T08:00:00.123456789Z" and the zero */

/* RFC 3339, UTC, nine digits of a second.  Returns out, which has room for
 * CLOCK_RFC3339_SIZE chars; a year outside 0 to 9999 gives "". */
char *clock_rfc3339(char *out, int64_t wall_ns);

#endif
