/* SPDX-License-Identifier: ISC */
#include "err.h"
#include "events.h"
#include "log.h"
#include "processes_internal.h"

static void end_syslog(struct processes *p)
{
	uint64_t unsent = process_syslog_free(p->syslog);

	p->syslog = NULL;
	if (unsent > 0)
		log_warn("%llu ended processes were not sent to syslog; they are in the store",
		    (unsigned long long)unsent);
}

void processes_reread(struct processes *p)
{
	int r = 0;

	if (!p->c->conf.process_syslog)
		end_syslog(p);
	else if (p->syslog == NULL)
		r = process_syslog_new(&p->syslog, &p->c->loop, p->c->host, PROCESS_SYSLOG_PATH);
	if (r != 0)
		log_error("processes cannot be sent to syslog: %s", err_text(r));
	processes_watch_reread(p);
}

/* Where an earlier boot's records are taken in they go to a segment of that boot. */
void processes_tell(struct processes *p, const struct process_record *r,
    const struct acct_record *a)
{
	const struct process_store *s = accounting_store(p->c->acct);
	struct process_boot boot = { 0 };
	int known;

	if (p->syslog == NULL && !events_active(p->c->events))
		return;
	known = s != NULL && process_store_boot(s, &boot);
	events_process_end(p->c->events, r, a,
	    known && !process_store_other_boot(s, p->c->boot_id) ? &boot : NULL);
	if (p->syslog == NULL)
		return;
	if (!known)
		boot.boot_wall_ns = 0;
	process_syslog_boot(p->syslog, p->c->boot_id, boot.boot_wall_ns);
	process_syslog_ended(p->syslog, r, a);
}

void processes_opened(void *ctx, const struct process_store *s)
{
	const struct processes *p = ctx;

	events_catch_up(p->c->events, s);
}

void processes_tell_release(struct processes *p)
{
	end_syslog(p);
	watch_free(p->watch);
}

json_t *processes_syslog(const struct processes *p)
{
	return process_syslog_status(p->syslog);
}
