/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "escape.h"
#include "life_name.h"
#include "process_syslog.h"

#define PRIORITY (10 * 8 + 6) /* authpriv, informational */
#define SECOND_NS INT64_C(1000000000)
#define VALUE_MAX (4 * CERT_USER_MAX)

struct text {
	char *p;
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *fmt, ...)
{
	size_t room = PROCESS_SYSLOG_MAX - t->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p + t->len, room, fmt, ap);
	va_end(ap);
	t->len += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}

/* PARAM-VALUE of RFC 5424, 6.3.3: a quote, a backslash and a bracket have a backslash
 * before them; what is not printable is escaped as on the log before that. */
static void add_value(struct text *t, const char *name, const char *bytes, size_t len)
{
	char safe[VALUE_MAX];
	const char *s;

	escape_bytes(safe, sizeof(safe), bytes, len);
	add(t, " %s=\"", name);
	for (s = safe; *s != '\0' && t->len + 2 < PROCESS_SYSLOG_MAX; s++)
		add(t, strchr("\"\\]", *s) != NULL ? "\\%c" : "%c", *s);
	add(t, "\"");
}

/* HOSTNAME: printable ASCII without spaces, or "-". */
static void add_host(struct text *t, const char *host)
{
	size_t n = 0;

	while (host[n] > ' ' && host[n] <= '~' && n < CERT_HOST_MAX)
		n++;
	if (n == 0 || host[n] != '\0')
		add(t, " -");
	else
		add(t, " %s", host);
}

static void add_date(struct text *t, const char *before, int64_t wall_ns)
{
	char date[CLOCK_RFC3339_SIZE];

	clock_rfc3339(date, wall_ns);
	/* RFC 5424 has at most six digits of a second: "....123456" and Z */
	if (strlen(date) == CLOCK_RFC3339_SIZE - 1)
		add(t, "%s%.26sZ", before, date);
	else
		add(t, "%s-", before);
}

static void add_number(struct text *t, const char *name, uint64_t v, int known)
{
	if (known)
		add(t, " %s=\"%llu\"", name, (unsigned long long)v);
	else
		add(t, " %s=\"\"", name);
}

static void add_life(struct text *t, const struct process_record *r, uint32_t pid,
    const uint8_t boot_id[BOOT_ID_SIZE])
{
	struct life_name n = {.has_boot = 1, .pid = pid, .start_ticks = r->start_ticks,
		.ordinal = r->ordinal};
	char name[LIFE_NAME_SIZE];

	memcpy(n.boot_id, boot_id, BOOT_ID_SIZE);
	add(t, " life=\"%s\"", r->start_ticks != 0 ? life_name_format(name, &n) : "");
}

static int64_t start_of(const struct process_record *r, const struct acct_record *a,
    const struct process_syslog_origin *o)
{
	const struct process_boot boot = {.boot_wall_ns = o->boot_wall_ns, .ticks_per_s = 100};

	if (r->start_ticks == 0 || o->boot_wall_ns == 0)
		return (int64_t)a->btime * SECOND_NS;
	return process_boot_date(&boot, r->start_ticks);
}

size_t process_syslog_message(char out[PROCESS_SYSLOG_MAX], const struct process_record *r,
    const struct acct_record *a, const struct process_syslog_origin *o)
{
	struct text t = {.p = out};
	char tty[TTY_NAME_SIZE];
	int st = (int)a->status;

	acct_tty_name(tty, a->tty);
	add(&t, "<%d>1", PRIORITY);
	add_date(&t, " ", r->read_wall_ns);
	add_host(&t, o->host);
	add(&t, " shellacd %d PROCESS [process@32473", (int)getpid());
	add_number(&t, "session", r->session, r->session != 0);
	add_value(&t, "user", o->user, strlen(o->user));
	add_number(&t, "uid", a->uid, 1);
	add(&t, " tty=\"%s\"", tty[0] != '?' ? tty : "");
	add_number(&t, "pid", a->pid, 1);
	add_number(&t, "ppid", a->ppid, 1);
	add_value(&t, "command", a->comm, strnlen(a->comm, ACCT_COMM));
	add_number(&t, "exit", (uint64_t)WEXITSTATUS(st), WIFEXITED(st));
	add_number(&t, "signal", (uint64_t)WTERMSIG(st), WIFSIGNALED(st));
	add(&t, " cpu=\"%.2f\"", a->user_s + a->system_s);
	add_date(&t, " start=\"", start_of(r, a, o));
	add(&t, "\"");
	add_life(&t, r, a->pid, o->boot_id);
	if (o->lost > 0)
		add_number(&t, "lost", o->lost, 1);
	add(&t, "] process ended");
	return t.len;
}
