/* SPDX-License-Identifier: ISC */
#include "output/outcome.h"

#include <stdio.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"

static int put_date(char *out, size_t size, int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	return snprintf(out, size, ", what it held was deleted on %.10s",
	    text[0] != '\0' ? text : "an impossible date");
}

void outcome_line(char *out, const struct store_session *e, const struct verdict *v)
{
	char id[2 * ID_SIZE + 1];
	int len;

	hex_put(id, e->name.id, ID_SIZE);
	len = snprintf(out, OUTCOME_LINE_MAX, "session %llu (%.8s): %s",
	    (unsigned long long)e->name.n, id, verdict_word(v->status));
	if (v->status == STATUS_PURGED)
		len += put_date(out + len, OUTCOME_LINE_MAX - (size_t)len, v->was.wall_ns);
	if (v->findings == 0)
		return;
	len += snprintf(out + len, OUTCOME_LINE_MAX - (size_t)len, ", %s", v->finding[0].text);
	if (v->finding[0].chunk >= 0 && len < OUTCOME_LINE_MAX)
		snprintf(out + len, OUTCOME_LINE_MAX - (size_t)len, " (chunk %lld, offset %llu)",
		    (long long)v->finding[0].chunk, (unsigned long long)v->finding[0].offset);
}

int outcome_stop(const struct store_session *e, const struct verdict *v)
{
	char line[OUTCOME_LINE_MAX];

	if (verdict_good(v))
		return AUDIT_OK;
	outcome_line(line, e, v);
	complain("%s", line);
	return AUDIT_FINDING;
}
