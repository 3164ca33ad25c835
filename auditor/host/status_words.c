/* SPDX-License-Identifier: ISC */
#include "host/status_words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/alerts.h"

#define SHORT 24 /* a number of bytes, a time */

void words_time(char *out, size_t size, long long s)
{
	if (s >= 86400)
		snprintf(out, size, "%lld d %lld h", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(out, size, "%lld h %lld min", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		snprintf(out, size, "%lld min", s / 60);
	else
		snprintf(out, size, "%lld s", s);
}

void words_bytes(char *out, size_t size, long long bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double n = (double)bytes;
	unsigned i = 0;

	while (n >= 999.5 && i < 5) {
		n /= 1000;
		i++;
	}
	snprintf(out, size, "%.*f %s", i > 0 && n < 99.95 ? 1 : 0, n, units[i]);
}

/* The least bound that so much of what was measured is within; 0 where nothing was, -1
 * beyond all. */
static double within(const json_t *times, double part)
{
	const json_t *buckets = json_object_get(times, "up_to_s"), *b;
	double want = part * (double)alerts_number(times, "count");
	size_t i;

	if (want <= 0)
		return 0;
	json_array_foreach (buckets, i, b)
		if ((double)json_integer_value(json_array_get(b, 1)) >= want)
			return json_real_value(json_array_get(b, 0));
	return -1;
}

static void words_within(char out[SHORT], const json_t *times, double part)
{
	double s = within(times, part);

	if (s < 0)
		snprintf(out, SHORT, "over 5 s");
	else if (s < 1)
		snprintf(out, SHORT, "%g ms", s * 1000);
	else
		snprintf(out, SHORT, "%g s", s);
}

static void sessions(char *out, size_t size, const json_t *o)
{
	snprintf(out, size, "%lld live; %lld began, %lld ended well, %lld cut, %lld refused",
	    alerts_number(o, "sessions"), alerts_number(o, "registered"), alerts_number(o, "closed"),
	    alerts_number(o, "cut"), alerts_number(o, "refused"));
}

static void recorded(char *out, size_t size, const json_t *o)
{
	char stored[SHORT], typed[SHORT], shown[SHORT], lost[SHORT];

	words_bytes(stored, SHORT, alerts_number(o, "bytes"));
	words_bytes(typed, SHORT, alerts_number(o, "in_bytes"));
	words_bytes(shown, SHORT, alerts_number(o, "out_bytes"));
	words_bytes(lost, SHORT, alerts_number(o, "lost_bytes"));
	if (alerts_number(o, "gaps") == 0)
		snprintf(out, size, "%s: %s typed, %s shown, nothing lost", stored, typed, shown);
	else
		snprintf(out, size, "%s: %s typed, %s shown, %s lost in %lld gaps", stored, typed, shown,
		    lost, alerts_number(o, "gaps"));
}

static void acks(char *out, size_t size, const json_t *o)
{
	const json_t *t = json_object_get(o, "ack_latency"), *sync = json_object_get(o, "sync_calls");
	char half[SHORT], most[SHORT], disk[SHORT];

	words_within(half, t, 0.5);
	words_within(most, t, 0.99);
	words_within(disk, sync, 0.99);
	if (alerts_number(t, "count") == 0)
		snprintf(out, size, "%lld", alerts_number(o, "acks"));
	else
		snprintf(out, size, "%lld; half within %s, 99 %% within %s (the disk's sync: %s)",
		    alerts_number(o, "acks"), half, most, disk);
}

static void store(char *out, size_t size, const json_t *o)
{
	char room[SHORT], whole[SHORT];

	words_bytes(room, SHORT, alerts_number(o, "space.free"));
	words_bytes(whole, SHORT, alerts_number(o, "space.size"));
	snprintf(out, size, "%s of %s free, %s", room, whole, alerts_text(o, "store"));
}

static void waiting(char *out, size_t size, const json_t *o)
{
	long long fifo = alerts_number(o, "backlog.fifo_bytes");
	long long spool = alerts_number(o, "backlog.spool_bytes");
	char in_fifos[SHORT], in_spools[SHORT];

	words_bytes(in_fifos, SHORT, fifo);
	words_bytes(in_spools, SHORT, spool);
	if (fifo + spool + alerts_number(o, "space.waiting") + alerts_number(o, "space.put_off") == 0)
		snprintf(out, size, "nothing");
	else
		snprintf(out, size, "%s in FIFOs, %s in spools; %lld sessions, %lld that want to begin",
		    in_fifos, in_spools, alerts_number(o, "space.waiting"),
		    alerts_number(o, "space.put_off"));
}

static void accounting(char *out, size_t size, const json_t *o)
{
	const char *reason = alerts_text(o, "acct.reason");

	snprintf(out, size, "%s%s%.200s%s; %lld records, %lld gaps", alerts_text(o, "acct.state"),
	    reason[0] != '\0' ? " (" : "", reason, reason[0] != '\0' ? ")" : "",
	    alerts_number(o, "acct.records"), alerts_number(o, "acct.gaps"));
}

static void events(char *out, size_t size, const json_t *o)
{
	const char *state = alerts_text(o, "events.state");

	if (strcmp(state, "off") == 0)
		snprintf(out, size, "off");
	else
		snprintf(out, size, "%s; %lld events, %lld lost; %lld processes live", state,
		    alerts_number(o, "events.events"), alerts_number(o, "events.lost"),
		    alerts_number(o, "lives.lives"));
}

static void unrecorded(char *out, size_t size, const json_t *o)
{
	long long n = alerts_number(o, "unrecorded");

	if (n > 0)
		snprintf(out, size, "%lld terminals or logins now", n);
	else
		snprintf(out, size, "no terminal and no login now");
}

static void ledger(char *out, size_t size, const json_t *o)
{
	char age[SHORT];

	words_time(age, SHORT, alerts_number(o, "ledger.epoch_age_s"));
	snprintf(out, size, "%lld entries, %s; the epoch ended %s ago", alerts_number(o, "ledger.size"),
	    alerts_text(o, "ledger.state"), age);
}

static void witnesses(char *out, size_t size, const json_t *o)
{
	const json_t *list = json_object_get(o, "witnesses"), *w;
	long long fine = 0, behind = 0, newest = 0;
	char age[SHORT] = "never";
	size_t i;

	json_array_foreach (list, i, w) {
		fine += strcmp(alerts_text(w, "state"), "fine") == 0;
		if (alerts_number(w, "behind") > behind)
			behind = alerts_number(w, "behind");
		if (alerts_number(w, "time") > newest)
			newest = alerts_number(w, "time");
	}
	if (newest > 0)
		words_time(age, SHORT, (long long)time(NULL) > newest ? (long long)time(NULL) - newest : 0);
	if (json_array_size(list) == 0)
		snprintf(out, size, "none: witness_policy in shellac.conf(5)");
	else
		snprintf(out, size, "%lld of %zu fine, %lld entries behind at most, the last %s%s", fine,
		    json_array_size(list), behind, age, newest > 0 ? " ago" : "");
}

static void plugins(char *out, size_t size, const json_t *o)
{
	const json_t *list = json_object_get(o, "plugins"), *p;
	long long run = 0, queue = 0, lost = 0, again = 0;
	size_t i;

	json_array_foreach (list, i, p) {
		run += strcmp(alerts_text(p, "state"), "runs") == 0;
		queue += alerts_number(p, "queue");
		lost += alerts_number(p, "lost");
		again += alerts_number(p, "restarts");
	}
	if (json_array_size(list) == 0)
		snprintf(out, size, "none");
	else
		snprintf(out, size, "%lld of %zu run; %lld events wait, %lld lost; %lld restarts", run,
		    json_array_size(list), queue, lost, again);
}

static void metrics(char *out, size_t size, const json_t *o)
{
	const char *file = alerts_text(o, "metrics.file"), *error = alerts_text(o, "metrics.error");

	out[0] = '\0';
	if (file[0] != '\0')
		snprintf(out, size, "%s%s%s", file, error[0] != '\0' ? ": " : "", error);
}

const struct status_part status_parts[] = {
	{ "sessions", sessions }, { "recorded", recorded }, { "acks", acks }, { "store", store },
	{ "waiting", waiting }, { "accounting", accounting }, { "processes", events },
	{ "unrecorded", unrecorded }, { "ledger", ledger }, { "witnesses", witnesses },
	{ "plugins", plugins }, { "metrics", metrics }, { NULL, NULL },
};
