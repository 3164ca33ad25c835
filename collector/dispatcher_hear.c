/* SPDX-License-Identifier: ISC */
/* What the dispatcher tells. */
#include <errno.h>

#include "dispatcher_internal.h"
#include "err.h"
#include "events.h"
#include "ledger.h"
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

/* Room is short, and a plugin that is to lose nothing loses events: the first and the last
 * of them are said. */
static void take_lost(struct dispatcher *d, const struct dispatch_message *m)
{
	unsigned long before = d->dropping;
	int lost = m->flag != 0;

	if (lost)
		d->dropping++;
	else if (d->dropping > 0)
		d->dropping--;
	log_at(lost ? LOG_L_ERROR : LOG_L_INFO, "plugin %s: %s", m->text[0], lost ?
	    "the store has no room for what waits; events are dropped, and counted" :
	    "the store has room for what waits");
	if ((before == 0) != (d->dropping == 0))
		ledger_fail(d->c->ledger, FAIL_EVENTS, lost ? -ENOSPC : 0, 0, "events wait for plugins");
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
	case DISPATCH_ACTION:
		dispatcher_action(d, m->text[0], m->text[1], m->text[2]);
		break;
	case DISPATCH_LOST:
		take_lost(d, m);
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
