/* SPDX-License-Identifier: ISC */
#include "syslog_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "clock.h"
#include "fit.h"

#define COOKIE "@cee: "
#define HEADER_MAX (SYSLOG_SMALLEST - FIT_MIN)
#define NAME_MAX_5424 255 /* HOSTNAME */
#define MSGID_MAX 32
#define VALUE_MAX 80      /* bytes of a value of structured data */

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{"auth", LOG_AUTH}, {"authpriv", LOG_AUTHPRIV}, {"cron", LOG_CRON}, {"daemon", LOG_DAEMON},
	{"ftp", LOG_FTP}, {"kern", LOG_KERN}, {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
	{"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},
	{"local5", LOG_LOCAL5}, {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}, {"lpr", LOG_LPR},
	{"mail", LOG_MAIL}, {"news", LOG_NEWS}, {"syslog", LOG_SYSLOG}, {"user", LOG_USER},
	{"uucp", LOG_UUCP},
};

/* shellac-syslog(8), MESSAGES; what is not here is information */
static const struct {
	const char *action;
	int severity;
} severities[] = {
	{"tamper-detected", LOG_CRIT},
	{"failure", LOG_ERR}, {"recording-gap", LOG_ERR}, {"events-lost", LOG_ERR},
	{"rule-hit", LOG_WARNING}, {"unrecorded", LOG_WARNING},
	{"access", LOG_NOTICE}, {"review", LOG_NOTICE}, {"failure-over", LOG_NOTICE},
	{"unrecorded-end", LOG_NOTICE}, {"purge", LOG_NOTICE}, {"hold", LOG_NOTICE},
	{"hold-released", LOG_NOTICE}, {"key-rotated", LOG_NOTICE},
	{"configuration-changed", LOG_NOTICE},
};

int syslog_facility(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++)
		if (strcmp(name, facilities[i].name) == 0)
			return facilities[i].facility;
	return -1;
}

static const char *text_at(const json_t *event, const char *object, const char *key)
{
	const json_t *v = json_object_get(event, object);

	v = key != NULL ? json_object_get(v, key) : v;
	return json_is_string(v) ? json_string_value(v) : "";
}

static int severity_of(const char *action)
{
	size_t i;

	for (i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (strcmp(action, severities[i].action) == 0)
			return severities[i].severity;
	return LOG_INFO;
}

/* When the event was, to the microsecond; now where it does not say. */
static void time_of(const json_t *event, struct tm *tm, unsigned *us)
{
	const char *s = text_at(event, "@timestamp", NULL);
	char digits[7] = "000000";
	int64_t now;
	time_t t;
	int n = 0;

	memset(tm, 0, sizeof(*tm));
	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm->tm_year, &tm->tm_mon, &tm->tm_mday,
	    &tm->tm_hour, &tm->tm_min, &tm->tm_sec, &n) == 6 && n == 19) {
		if (s[n] == '.')
			memcpy(digits, s + n + 1, strnlen(s + n + 1, 6));
		digits[strspn(digits, "0123456789")] = '\0';
		sscanf(digits, "%u", us);
		for (n = (int)strlen(digits); n < 6; n++)
			*us *= 10;
		tm->tm_year -= 1900;
		tm->tm_mon -= 1;
		t = timegm(tm);
	} else {
		now = clock_wall();
		t = (time_t)(now / 1000000000);
		*us = (unsigned)(now % 1000000000 / 1000);
	}
	if (gmtime_r(&t, tm) == NULL)
		memset(tm, 0, sizeof(*tm));
}

/* The parts that RFC 3164 puts before the text: local time, and no host: the daemon knows. */
static size_t put_bsd(char out[HEADER_MAX], const struct syslog_options *o, int priority,
    const json_t *event)
{
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec"};
	struct tm tm;
	unsigned us = 0;
	time_t t;

	time_of(event, &tm, &us);
	t = timegm(&tm);
	localtime_r(&t, &tm);
	return (size_t)snprintf(out, HEADER_MAX, "<%d>%s %2d %02d:%02d:%02d shellac[%d]: " COOKIE,
	    priority, months[(unsigned)tm.tm_mon % 12], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    o->pid);
}

/* A field of the header of RFC 5424: printable ASCII without spaces, else "-". */
static const char *field(const char *s, size_t max)
{
	size_t i;

	for (i = 0; s[i] > ' ' && s[i] <= '~'; i++)
		;
	return i > 0 && i <= max && s[i] == '\0' ? s : "-";
}

/* One parameter of structured data (RFC 5424, 6.3.3): ASCII, cut to VALUE_MAX; what is not
 * printable is a question mark, for the text after it has it whole. */
static void put_param(char *out, size_t *pos, const char *name, const char *value)
{
	size_t i;

	if (value[0] == '\0')
		return;
	*pos += (size_t)snprintf(out + *pos, HEADER_MAX - *pos, " %s=\"", name);
	for (i = 0; value[i] != '\0' && i < VALUE_MAX; i++) {
		if (strchr("\"\\]", value[i]) != NULL)
			out[(*pos)++] = '\\';
		out[(*pos)++] = value[i] >= ' ' && value[i] <= '~' ? value[i] : '?';
	}
	out[(*pos)++] = '"';
}

static size_t put_ietf(char out[HEADER_MAX], const struct syslog_options *o, int priority,
    const json_t *event)
{
	const json_t *ours = json_object_get(event, "shellac");
	struct tm tm;
	unsigned us = 0;
	size_t n;

	time_of(event, &tm, &us);
	n = (size_t)snprintf(out, HEADER_MAX,
	    "<%d>1 %04d-%02d-%02dT%02d:%02d:%02d.%06uZ %s shellac %d %s [shellac@32473", priority,
	    (tm.tm_year + 1900) % 10000, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    us, field(text_at(json_object_get(event, "host"), "name", NULL), NAME_MAX_5424), o->pid,
	    field(text_at(event, "event", "action"), MSGID_MAX));
	put_param(out, &n, "id", text_at(event, "event", "id"));
	put_param(out, &n, "session", text_at(ours, "session", "id"));
	put_param(out, &n, "user", text_at(event, "user", "name"));
	n += (size_t)snprintf(out + n, HEADER_MAX - n, "] " COOKIE);
	return n;
}

size_t syslog_message(char *out, const struct syslog_options *o, const struct feed_event *e)
{
	int priority = o->facility | severity_of(text_at(e->json, "event", "action"));
	char header[HEADER_MAX];
	size_t n, len;

	n = o->form == SYSLOG_BSD ? put_bsd(header, o, priority, e->json) :
	    put_ietf(header, o, priority, e->json);
	memcpy(out, header, n);
	len = fit_event(out + n, o->max - n, e);
	return len > 0 ? n + len : 0;
}
