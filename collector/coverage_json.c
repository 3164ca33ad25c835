/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "coverage_internal.h"
#include "process_record.h"
#include "utf8.h"

static json_t *text(const char *p, size_t size)
{
	size_t len = 0;
	char *u;
	json_t *j;

	while (len < size && p[len] != '\0')
		len++;
	u = utf8_from_bytes((const uint8_t *)p, len);
	j = u != NULL ? json_string(u) : json_null();
	free(u);
	return j;
}

json_t *coverage_json(const struct coverage *c)
{
	json_t *rows = json_array();
	const struct use *u;

	LIST_FOREACH(u, &c->uses, link)
		if (u->state == USE_SAID)
			json_array_append_new(rows, json_pack(
			    "{s:I, s:I, s:I, s:I, s:s, s:o, s:I, s:I}",
			    "pid", (json_int_t)u->pid, "start_ticks", (json_int_t)u->start_ticks,
			    "uid", (json_int_t)u->uid, "tty_dev", (json_int_t)u->tty_dev,
			    "origin", process_origin_name(u->origin),
			    "comm", text(u->comm, sizeof(u->comm)),
			    "from_boot_ns", (json_int_t)u->from_ns,
			    "processes", (json_int_t)u->processes));
	return rows;
}
