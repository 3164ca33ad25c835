/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "escape.h"
#include "output/json.h"
#include "timeline/timeline.h"

static void print_text(const struct timeline_row *r)
{
	char date[CLOCK_RFC3339_SIZE], source[160], user[160], text[2048], n[24] = "-";

	if (clock_rfc3339(date, r->wall_ns)[0] != '\0')
		memcpy(date + 23, "Z", 2);
	if (r->session != 0)
		snprintf(n, sizeof n, "%llu", (unsigned long long)r->session);
	printf("%s  %s  %s  session %s  %s  %s\n    %s\n", date[0] != '\0' ? date : "?",
	    escape_str(source, sizeof source, r->source), r->kind, n, r->user[0] != '\0' ?
	    escape_str(user, sizeof user, r->user) : "-", escape_str(text, sizeof text, r->text), r->see);
}

static void print_json(const struct timeline *t, const struct timeline_row *r)
{
	json_t *o = json_object(), *data = NULL;

	if (t->host != NULL)
		json_object_set_new(o, "host", json_bytes(t->host));
	json_object_set_new(o, "time", json_time(r->wall_ns));
	json_object_set_new(o, "source", json_bytes(r->source));
	json_object_set_new(o, "kind", json_string(r->kind));
	json_object_set_new(o, "session", r->session != 0 ? json_u64(r->session) : json_null());
	json_object_set_new(o, "user", json_bytes(r->user));
	json_object_set_new(o, "text", json_bytes(r->text));
	json_object_set_new(o, "command", json_string(r->see));
	if (r->json != NULL)
		data = json_loads(r->json, 0, NULL);
	if (r->json != NULL)
		json_object_set_new(o, "input", data != NULL ? data : json_null());
	json_line(o);
}

void timeline_print(const struct timeline *t, int json)
{
	for (size_t i = 0; i < t->rows && !ferror(stdout); i++) {
		if (json)
			print_json(t, &t->row[i]);
		else
			print_text(&t->row[i]);
	}
}
