/* SPDX-License-Identifier: ISC */
#include "plugin.h"

static const char *state_of(const struct plugin *p)
{
	static const char *const words[] = {"starts", "runs", "ends", "waits"};

	return p->suspended && p->state == PLUGIN_RUNS ? "suspended" : words[p->state];
}

json_t *plugin_status(const struct plugin *p)
{
	static const char *const directions[] = {"", "out", "in", "both"};
	uint64_t queue = (p->conf->direction & PLUGIN_OUT) != 0 ?
	    cursor_behind(&p->cursor, p->d->tail) : 0;

	return json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}",
	    "name", p->conf->name, "state", state_of(p), "pid", (json_int_t)p->pid,
	    "direction", directions[p->conf->direction], "queue", (json_int_t)queue,
	    "sent", (json_int_t)p->count.sent, "acked", (json_int_t)p->count.acked,
	    "lost", (json_int_t)p->cursor.lost, "received", (json_int_t)p->count.received,
	    "garbage", (json_int_t)p->count.garbage, "restarts", (json_int_t)p->count.restarts,
	    "queue_limit", (json_int_t)p->conf->queue_depth, "reason", p->reason);
}
