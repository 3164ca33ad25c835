/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_METRICS_H
#define SHELLAC_METRICS_H

#include <jansson.h>
#include <stdint.h>

/*
 * A status, status.h, as OpenMetrics 1.0 text that is Prometheus's text format 0.0.4 too:
 * only gauges, counters and histograms.  Which metrics there are is in a table,
 * metrics_table.c, and in shellac-alerts(7).  All of it is printable ASCII and line feeds;
 * no label names a user.
 */

/* status: the object; now_ns: CLOCK_REALTIME.  A new string that the caller frees; NULL
 * without memory. */
char *metrics_text(const json_t *status, int64_t now_ns);

#endif
