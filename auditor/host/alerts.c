/* SPDX-License-Identifier: ISC */
#include "host/alerts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json_at.h"

#define DETAIL_MAX 512

#define SEE_LOG "see the collector's log, such as journalctl -t shellacd"
#define SEE_WITNESS "shellac status --json shows each witness; see the collector's log"

const struct alert alerts[ALERTS] = {
	[ALERT_SILENT] = { "ShellacSilent", 1, "no collector answers: sessions go to their spools",
	    "start shellacd, or see its log" },
	[ALERT_STORE_FULL] = { "ShellacStoreFull", 1, "the store is full: sessions stand still",
	    "make room; see space_left in shellac.conf(5)" },
	[ALERT_STORE_FAILS] = { "ShellacStoreFails", 1, "the store cannot be written: sessions wait",
	    SEE_LOG },
	[ALERT_SYNC_FAILS] = { "ShellacSyncFails", 1, "the disk does not keep what it is given: "
	    "nothing of some sessions is acknowledged", "look at the disk, then start shellacd again" },
	[ALERT_KEYS_GONE] = { "ShellacKeysGone", 1, "the process that holds the keys is gone: no "
	    "session begins", SEE_LOG },
	[ALERT_LEDGER_FAILS] = { "ShellacLedgerFails", 1, "the ledger cannot be put on disk",
	    "look at the disk, then start shellacd again" },
	[ALERT_LEDGER_LATE] = { "ShellacLedgerLate", 1, "the ledger's epoch does not end: its key is "
	    "not wiped", SEE_LOG },
	[ALERT_WITNESS_ALARM] = { "ShellacWitnessAlarm", 1, "a witness has seen another past of this "
	    "ledger", "keep the store as it is, and ask who restored what" },
	[ALERT_ACCOUNTING] = { "ShellacAccounting", 1, "process accounting is not as it should be",
	    "shellac setup enable accounting, or turn off whoever else calls acct(2)" },
	[ALERT_JOURNAL_FAILS] = { "ShellacJournalFails", 1, "the journal of events cannot be written: "
	    "plugins hear nothing", SEE_LOG },
	[ALERT_STORE_LOW] = { "ShellacStoreLow", 0, "the store has less room than space_left",
	    "make room; see space_left in shellac.conf(5)" },
	[ALERT_LEDGER_OWES] = { "ShellacLedgerOwes", 0, "the ledger has entries that are not written "
	    "yet", SEE_LOG },
	[ALERT_WITNESS_AWAY] = { "ShellacWitnessAway", 0, "a witness does not cosign", SEE_WITNESS },
	[ALERT_WITNESS_LAGS] = { "ShellacWitnessLags", 0, "a witness has not cosigned for long",
	    SEE_WITNESS },
	[ALERT_PROCESS_EVENTS] = { "ShellacProcessEvents", 0, "process events are lost: processes are "
	    "told apart by accounting", "see Whose a process is in shellacd(8)" },
	[ALERT_PLUGIN_DOWN] = { "ShellacPluginDown", 0, "a plugin does not run",
	    "see its lines in the collector's log, such as journalctl -t shellacd" },
	[ALERT_PLUGIN_BEHIND] = { "ShellacPluginBehind", 0, "a plugin's queue is nearly full",
	    "see what holds it up; queue_depth in shellac-plugins(5)" },
	[ALERT_SPOOL_REFUSED] = { "ShellacSpoolRefused", 0, "files in the spool that no session takes "
	    "in", "see the collector's log: they were kept aside, and are evidence" },
	[ALERT_OVER_QUOTA] = { "ShellacOverQuota", 0, "users are over their quota: their sessions "
	    "crawl", "the log says who; user_quota in shellac.conf(5)" },
	[ALERT_SESSIONS_LIMIT] = { "ShellacSessionsLimit", 0, "there are nearly as many sessions as "
	    "may be", "max_sessions in shellac.conf(5)" },
	[ALERT_FILES_LIMIT] = { "ShellacFilesLimit", 0, "the collector has nearly as many files open "
	    "as it may", "LimitNOFILE of its service, or ulimit -n" },
	[ALERT_UNRECORDED] = { "ShellacUnrecorded", 0, "terminals or logins that nobody records",
	    "shellac coverage" },
	[ALERT_COMMAND_ABSENT] = { "ShellacCommandAbsent", 0, "a command that is to run does not",
	    "start it; watch in shellac.conf(5)" },
};

/* What all the conditions say what they found to. */
struct look {
	const json_t *status;
	void (*found)(void *ctx, const struct alert *a, const char *detail);
	void *ctx;
};

static void __attribute__((format(printf, 3, 4)))
tell(const struct look *l, enum alert_id id, const char *fmt, ...)
{
	char detail[DETAIL_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	l->found(l->ctx, &alerts[id], detail);
}

long long alerts_number(const json_t *status, const char *key)
{
	const json_t *v = json_at(status, key);

	return json_is_true(v) ? 1 : (long long)json_integer_value(v);
}

const char *alerts_text(const json_t *status, const char *key)
{
	const char *s = json_string_value(json_at(status, key));

	return s != NULL ? s : "";
}

static long long number(const struct look *l, const char *key)
{
	return alerts_number(l->status, key);
}

static int is(const json_t *o, const char *key, const char *word)
{
	return strcmp(alerts_text(o, key), word) == 0;
}

static void look_at_disk(const struct look *l)
{
	if (is(l->status, "space.state", "reserve"))
		tell(l, ALERT_STORE_FULL, "%lld MB left, %lld sessions stand still",
		    number(l, "space.free") / ALERTS_MB, number(l, "space.waiting"));
	if (number(l, "backlog.stalled") > 0)
		tell(l, ALERT_STORE_FAILS, "%lld of them", number(l, "backlog.stalled"));
	if (number(l, "backlog.unsynced") > 0)
		tell(l, ALERT_SYNC_FAILS, "%lld of them", number(l, "backlog.unsynced"));
}

static void look_at_ledger(const struct look *l)
{
	const json_t *pid = json_object_get(l->status, "key_process");

	if (json_is_null(pid))
		tell(l, ALERT_KEYS_GONE, "%s", "");
	if (number(l, "ledger.failed"))
		tell(l, ALERT_LEDGER_FAILS, "%s", alerts_text(l->status, "ledger.state"));
	if (number(l, "ledger.epoch_age_s") > 3 * number(l, "limits.epoch_s") + 10)
		tell(l, ALERT_LEDGER_LATE, "%lld s", number(l, "ledger.epoch_age_s"));
}

static int is_alarm(const json_t *witness)
{
	return is(witness, "state", "ROLLBACK") || is(witness, "state", "FORK");
}

static void look_for_alarms(const struct look *l)
{
	const json_t *list = json_object_get(l->status, "witnesses"), *w;
	size_t i;

	json_array_foreach (list, i, w)
		if (is_alarm(w))
			tell(l, ALERT_WITNESS_ALARM, "%.80s: %.20s: %.200s", alerts_text(w, "name"),
			    alerts_text(w, "state"), alerts_text(w, "error"));
}

static void look_at_witnesses(const struct look *l)
{
	const json_t *list = json_object_get(l->status, "witnesses"), *w;
	long long now = (long long)time(NULL), then;
	size_t i;

	json_array_foreach (list, i, w) {
		then = alerts_number(w, "time");
		if (is_alarm(w))
			continue;
		if (!is(w, "state", "fine") && !is(w, "state", "new"))
			tell(l, ALERT_WITNESS_AWAY, "%.80s is %.20s: %.200s", alerts_text(w, "name"),
			    alerts_text(w, "state"), alerts_text(w, "error"));
		else if (then != 0 && now - then > ALERT_LAG_S + number(l, "limits.epoch_s"))
			tell(l, ALERT_WITNESS_LAGS, "%.80s: %lld s, %lld entries behind",
			    alerts_text(w, "name"), now - then, alerts_number(w, "behind"));
	}
}

static void look_at_plugins(const struct look *l)
{
	const json_t *list = json_object_get(l->status, "plugins"), *p;
	size_t i;

	json_array_foreach (list, i, p) {
		if (is(p, "state", "waits") || is(p, "state", "suspended"))
			tell(l, ALERT_PLUGIN_DOWN, "%.40s: %.200s", alerts_text(p, "name"),
			    alerts_text(p, "reason"));
		else if (alerts_number(p, "queue") * 10 > alerts_number(p, "queue_limit") * 8)
			tell(l, ALERT_PLUGIN_BEHIND, "%.40s: %lld of %lld events",
			    alerts_text(p, "name"), alerts_number(p, "queue"),
			    alerts_number(p, "queue_limit"));
	}
}

static void look_at_commands(const struct look *l)
{
	const json_t *list = json_object_get(l->status, "watch"), *w;
	size_t i;

	json_array_foreach (list, i, w)
		if (is(w, "state", "absent"))
			tell(l, ALERT_COMMAND_ABSENT, "%.40s: %.40s", alerts_text(w, "rule"),
			    alerts_text(w, "command"));
}

static void look_at_limits(const struct look *l)
{
	if (number(l, "space.over_quota") > 0)
		tell(l, ALERT_OVER_QUOTA, "%lld of them", number(l, "space.over_quota"));
	if (number(l, "sessions") * 10 > number(l, "limits.sessions") * 9)
		tell(l, ALERT_SESSIONS_LIMIT, "%lld of %lld", number(l, "sessions"),
		    number(l, "limits.sessions"));
	if (number(l, "limits.files_open") * 10 > number(l, "limits.files") * 9)
		tell(l, ALERT_FILES_LIMIT, "%lld of %lld", number(l, "limits.files_open"),
		    number(l, "limits.files"));
}

static void look_for_warnings(const struct look *l)
{
	if (is(l->status, "space.state", "low"))
		tell(l, ALERT_STORE_LOW, "%lld MB", number(l, "space.free") / ALERTS_MB);
	if (number(l, "ledger.owed") > 0 && !number(l, "ledger.failed"))
		tell(l, ALERT_LEDGER_OWES, "%lld", number(l, "ledger.owed"));
	look_at_witnesses(l);
	if (is(l->status, "events.state", "lost"))
		tell(l, ALERT_PROCESS_EVENTS, "%s", alerts_text(l->status, "events.reason"));
	look_at_plugins(l);
	if (number(l, "backlog.refused") > 0)
		tell(l, ALERT_SPOOL_REFUSED, "%lld", number(l, "backlog.refused"));
	look_at_limits(l);
	if (number(l, "unrecorded") > 0)
		tell(l, ALERT_UNRECORDED, "%lld now", number(l, "unrecorded"));
	look_at_commands(l);
}

void alerts_look(const json_t *status,
    void (*found)(void *ctx, const struct alert *a, const char *detail), void *ctx)
{
	const struct look l = { status, found, ctx };

	look_at_disk(&l);
	look_at_ledger(&l);
	look_for_alarms(&l);
	if (number(&l, "acct.failed"))
		tell(&l, ALERT_ACCOUNTING, "%s: %s", alerts_text(status, "acct.state"),
		    alerts_text(status, "acct.reason"));
	if (alerts_text(status, "journal.error")[0] != '\0')
		tell(&l, ALERT_JOURNAL_FAILS, "%s", alerts_text(status, "journal.error"));
	look_for_warnings(&l);
}
