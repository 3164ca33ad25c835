/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "store/fleet_query.h"
#include "store/fleet_store.h"
#include "store/fleet_store_internal.h"

void fleet_store_narrow(struct store *s, const struct fleet_narrow *n)
{
	s->fleet->narrow = n;
}

void fleet_narrow_ask(struct fleet_ask *a, const struct fleet_narrow *n,
    struct fleet_narrow_text *text)
{
	static const struct fleet_narrow all = { .from_ns = INT64_MIN, .to_ns = INT64_MAX };

	if (n == NULL)
		n = &all;
	snprintf(text->uid, sizeof text->uid, "%lu", (unsigned long)n->uid);
	fleet_ask_text(a, n->user);
	fleet_ask_text(a, n->has_uid ? text->uid : NULL);
	fleet_ask_text(a, fleet_time(text->from, n->from_ns));
	fleet_ask_text(a, fleet_time(text->to, n->to_ns));
}

int fleet_narrow_hosts(struct fleet *f, const struct fleet_narrow *n, uint8_t *fits)
{
	struct fleet_ask a = { .count = 0 };
	struct fleet_narrow_text text;
	PGresult *r;
	size_t i, len;
	int row, e;

	fleet_ask_text(&a, NULL);
	fleet_narrow_ask(&a, n, &text);
	e = fleet_rows(f, &r, "select host from shellac.session where dropped is null"
	    FLEET_NARROW_SQL " and $1 is null group by host", &a);
	if (e != 0)
		return e;
	memset(fits, 0, fleet_hosts(f));
	for (row = 0; row < PQntuples(r); row++) {
		const uint8_t *id = fleet_bytes(r, row, 0, &len);

		for (i = 0; i < fleet_hosts(f); i++)
			if (len == ID_SIZE && memcmp(fleet_host(f, i)->id, id, len) == 0)
				fits[i] = 1;
	}
	PQclear(r);
	return 0;
}
