/* SPDX-License-Identifier: ISC */
/* What the dispatcher tells. */
#include "dispatcher_internal.h"
#include "err.h"
#include "events.h"
#include "log.h"

static void take_input(struct dispatcher *d, const struct dispatch_message *m)
{
	int r = events_input(d->c->events, m->text[0], m->text[1], m->len[1]);

	if (r != 0)
		log_warn("plugin %s: what it brings is no event: %s", m->text[0], err_text(r));
}

static void take_status(struct dispatcher *d, const struct dispatch_message *m)
{
	json_t *status = json_loadb(m->text[0], m->len[0], 0, NULL);

	if (!json_is_array(status)) {
		json_decref(status);
		return;
	}
	json_decref(d->status);
	d->status = status;
}

void dispatcher_hear(struct dispatcher *d, const struct dispatch_message *m)
{
	switch (m->type) {
	case DISPATCH_LOG:
		log_at(m->flag <= LOG_L_DEBUG ? (enum log_level)m->flag : LOG_L_INFO, "%s", m->text[0]);
		break;
	case DISPATCH_INPUT:
		take_input(d, m);
		break;
	case DISPATCH_STATUS:
		take_status(d, m);
		break;
	case DISPATCH_WANTS:
		dispatcher_grant(d, m->text[0]);
		break;
	case DISPATCH_APPLIED:
		log_info("%u plugins are active", plugin_set_active(&d->c->plugins));
		break;
	default:
		break;
	}
}
