/* SPDX-License-Identifier: ISC */
#include "coverage_said.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "identity.h"
#include "ledger.h"
#include "log.h"

/* Words that a name or a command cannot end, or add to: no blank, quote or '='. */
static void put_word(char *out, size_t size, const char *p, size_t len)
{
	size_t i;

	escape_bytes(out, size, p, len);
	for (i = 0; out[i] != '\0'; i++)
		if (out[i] == ' ' || out[i] == '"' || out[i] == '=')
			out[i] = '_';
}

void coverage_said(struct ledger *l, const struct process_record *r,
    const struct process_terminal *t)
{
	char tty[CERT_TTY_MAX + 1], user[4 * CERT_USER_MAX], comm[4 * ACCT_COMM + 8];
	struct cert who = {.uid = t->uid};

	identity_user(&who);
	if (who.user[0] == '\0')
		snprintf(who.user, sizeof(who.user), "%" PRIu32, t->uid);
	identity_tty_name(tty, t->tty_dev);
	put_word(user, sizeof(user), who.user, strlen(who.user));
	put_word(comm, sizeof(comm), t->comm, strnlen(t->comm, sizeof(t->comm)));
	if (t->state == 1) {
		ledger_unrecorded(l, t->pid, r->start_ticks, t->tty_dev, who.user);
		log_of_user(LOG_L_WARN, t->uid, "unrecorded: tty=%s user=%s uid=%" PRIu32
		    " origin=%s command=%s life=%" PRIu32 ":%" PRIu64, tty[0] != '\0' ? tty : "-",
		    user, t->uid, process_origin_name(r->origin), comm, t->pid, r->start_ticks);
	} else if (r->reason == REASON_LEAD_IN) {
		log_of_user(LOG_L_INFO, t->uid, "unrecorded-lead-in: tty=%s user=%s session=%" PRIu64
		    " life=%" PRIu32 ":%" PRIu64, tty[0] != '\0' ? tty : "-", user, r->session,
		    t->pid, r->start_ticks);
	} else {
		log_of_user(LOG_L_INFO, t->uid, "unrecorded-end: tty=%s user=%s processes=%" PRIu32
		    " life=%" PRIu32 ":%" PRIu64, tty[0] != '\0' ? tty : "-", user, t->processes,
		    t->pid, r->start_ticks);
	}
}
