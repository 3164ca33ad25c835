/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ALERTS_H
#define SHELLAC_ALERTS_H

#include <jansson.h>

/*
 * What may be wrong with a running host, in the words that status, check and
 * shellac-alerts(7) share.  The name is that of the rule in shellac-alerts.yml, where the
 * same condition is an expression of metrics.
 */
enum alert_id {
	ALERT_SILENT,
	ALERT_STORE_FULL,
	ALERT_STORE_FAILS,
	ALERT_SYNC_FAILS,
	ALERT_KEYS_GONE,
	ALERT_LEDGER_FAILS,
	ALERT_LEDGER_LATE,
	ALERT_WITNESS_ALARM,
	ALERT_ACCOUNTING,
	ALERT_JOURNAL_FAILS,
	ALERT_STORE_LOW,
	ALERT_LEDGER_OWES,
	ALERT_WITNESS_AWAY,
	ALERT_WITNESS_LAGS,
	ALERT_PROCESS_EVENTS,
	ALERT_PLUGIN_DOWN,
	ALERT_PLUGIN_BEHIND,
	ALERT_SPOOL_REFUSED,
	ALERT_OVER_QUOTA,
	ALERT_SESSIONS_LIMIT,
	ALERT_FILES_LIMIT,
	ALERT_UNRECORDED,
	ALERT_COMMAND_ABSENT,
	ALERTS
};

struct alert {
	const char *name;
	int fails;          /* evidence is being lost or cannot be vouched for; else a warning */
	const char *words;  /* what is wrong */
	const char *remedy; /* a command, or what else to do */
};

extern const struct alert alerts[ALERTS];

/* Cosignatures that are older are a finding. */
#define ALERT_LAG_S 600

#define ALERTS_MB 1000000 /* bytes, as in all of status */

/* Calls found once for each that holds by the collector's status, those that fail first;
 * detail, which or why, may be empty and hold bytes from outside. */
void alerts_look(const json_t *status,
    void (*found)(void *ctx, const struct alert *a, const char *detail), void *ctx);

/* Numbers and texts of the status by a path such as "space.state"; 0 and "" where there
 * are none. */
long long alerts_number(const json_t *status, const char *key);
const char *alerts_text(const json_t *status, const char *key);

#endif
