/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DATE_H
#define SHELLAC_DATE_H

#include <stdint.h>

/*
 * Dates as people type them, in the words of date(1) -d: "2026-11-20 14:00",
 * "2026-11-20T14:00:05.5+01:00", "14:00", "10 pm", "yesterday 14:00", "last monday",
 * "2 hours ago", "20 Nov 2026", "11/20/2026", "@1795000000".  Local time, as TZ says,
 * where no zone is given (Z, UTC, GMT, +HH:MM).
 *
 * A date without a time is its first second; a time without a date is today's; what is
 * only relative ("yesterday") keeps the time of day.  Other than with date(1), a number
 * with a sign and a unit ("14:00 +2 hours") is never a zone.
 */

#define DATE_WORDS \
	"a date, as \"2026-11-20 14:00\", \"yesterday 14:00\", \"last monday\" or \"2 hours ago\""

/* Reads text, seen from now_ns: nanoseconds since 1970 into *out_ns.  0; E_FORMAT: no
 * such date; E_RANGE: beyond what 64 bits hold. */
int date_parse(const char *text, int64_t now_ns, int64_t *out_ns);

#endif
