/* SPDX-License-Identifier: ISC */
#include "losses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

void losses_release(struct losses *l)
{
	json_decref(l->host);
	l->host = NULL;
}

void losses_origin(struct losses *l, const json_t *event)
{
	const json_t *host = json_object_get(event, "host");

	if (host == NULL || (l->host != NULL && json_equal(l->host, host)))
		return;
	json_decref(l->host);
	l->host = json_deep_copy(host);
}

void losses_add(struct losses *l, uint64_t count, uint64_t first, uint64_t last)
{
	if (l->count == 0)
		l->from = first;
	if (last > 0)
		l->to = last;
	l->count += count;
}

void losses_told(struct losses *l, uint64_t count)
{
	l->count -= count;
}

int losses_event(const struct losses *l, struct feed_event *e)
{
	char at[CLOCK_RFC3339_SIZE];
	json_t *json;
	char *line;

	json = json_pack("{ss s{ss ss ss ss} s{s{sI sI sI ss}} sO*}",
	    "@timestamp", clock_rfc3339(at, clock_wall()),
	    "event", "kind", "alert", "module", "shellac", "dataset", "shellac.plugin",
	    "action", "events-lost",
	    "shellac", "lost", "count", (json_int_t)l->count, "from", (json_int_t)l->from,
	    "to", (json_int_t)l->to, "by", "shellac-syslog", "host", l->host);
	line = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	if (line == NULL) {
		json_decref(json);
		return -ENOMEM;
	}
	*e = (struct feed_event){.line = line, .len = strlen(line), .json = json};
	return 0;
}

void losses_event_release(struct feed_event *e)
{
	free((char *)(uintptr_t)e->line);
	json_decref(e->json);
}
