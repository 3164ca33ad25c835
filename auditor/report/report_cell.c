/* SPDX-License-Identifier: ISC */
#include "report/report_cell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "escape.h"

#define SECOND 1000000000

/* "12,345" */
static void put_count(char *out, int64_t v)
{
	char digits[24];
	size_t len, i, at = 0;
	const char *d = digits;

	snprintf(digits, sizeof digits, "%" PRId64, v);
	if (*d == '-')
		out[at++] = *d++;
	len = strlen(d);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = d[i];
	}
	out[at] = '\0';
}

/* "2026-11-21 08:00:00Z" */
static void put_wall(char *out, int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	if (text[0] == '\0')
		snprintf(out, REPORT_CELL_MAX, "?");
	else
		snprintf(out, REPORT_CELL_MAX, "%.10s %.8sZ", text, text + 11);
}

/* "1.234 s", "2m 05s", "3h 04m", "2d 03h"; a clock's step has a sign. */
static void put_length(char *out, int64_t ns)
{
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, s = size / SECOND;
	const char *sign = ns < 0 ? "-" : "";

	if (s < 60)
		snprintf(out, REPORT_CELL_MAX, "%s%" PRIu64 ".%03" PRIu64 " s", sign, s,
		    size % SECOND / 1000000);
	else if (s < 3600)
		snprintf(out, REPORT_CELL_MAX, "%s%" PRIu64 "m %02" PRIu64 "s", sign, s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, REPORT_CELL_MAX, "%s%" PRIu64 "h %02" PRIu64 "m", sign, s / 3600,
		    s / 60 % 60);
	else
		snprintf(out, REPORT_CELL_MAX, "%s%" PRIu64 "d %02" PRIu64 "h", sign, s / 86400,
		    s / 3600 % 24);
}

char *report_cell(char out[REPORT_CELL_MAX], enum report_type type, const union report_value *v)
{
	if (report_is_unknown(type, v)) {
		snprintf(out, REPORT_CELL_MAX, "-");
		return out;
	}
	switch (type) {
	case REPORT_TEXT:
	case REPORT_COMMAND: return escape_str(out, REPORT_CELL_MAX, v->text);
	case REPORT_NUMBER: snprintf(out, REPORT_CELL_MAX, "%" PRId64, v->number); break;
	case REPORT_WALL: put_wall(out, v->number); break;
	case REPORT_LENGTH: put_length(out, v->number); break;
	case REPORT_COUNT:
	case REPORT_BYTES: put_count(out, v->number); break;
	}
	return out;
}

int report_cell_right(enum report_type type)
{
	return type == REPORT_COUNT || type == REPORT_NUMBER || type == REPORT_BYTES ||
	    type == REPORT_LENGTH;
}
