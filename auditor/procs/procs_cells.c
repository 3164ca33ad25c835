/* SPDX-License-Identifier: ISC */
#include "procs/procs_cells.h"

#include <string.h>
#include <sys/wait.h>

#include "escape.h"

#define SECOND INT64_C(1000000000)
#define DAY_S 86400
#define SECONDS_MAX 1e15
#define COMM_TEXT (4 * ACCT_COMM + 8)

static size_t put_string(char *p, const char *s)
{
	size_t len = strlen(s);

	memcpy(p, s, len);
	return len;
}

static size_t put_number(char *p, uint64_t v)
{
	uint64_t more = v;
	size_t n = 1, i;

	while (more >= 10) {
		more /= 10;
		n++;
	}
	for (i = n; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return n;
}

static char *put_two(char *p, unsigned v)
{
	*p++ = (char)('0' + v / 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

/* Seconds with two digits behind the point, as accounting counts them. */
static size_t put_seconds(char *p, double s)
{
	uint64_t hundredths = (uint64_t)((s < SECONDS_MAX ? s : SECONDS_MAX) * 100 + 0.5);
	size_t n = put_number(p, hundredths / 100);

	p[n] = '.';
	put_two(p + n + 1, (unsigned)(hundredths % 100));
	return n + 3;
}

static size_t put_command(struct procs_text *t, char *p, const struct procs_row *r)
{
	const char *c = r->acct->comm;
	size_t n;

	(void)t;
	for (n = 0; c[n] > ' ' && c[n] < 0x7f && c[n] != '\\'; n++)
		p[n] = c[n];
	if (c[n] == '\0')
		return n;
	return strlen(escape_str(p, COMM_TEXT, c));
}

static size_t put_host(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	if (r->host->name == NULL)
		return put_string(p, "-");
	return strlen(escape_str(p, PROCS_HOST_TEXT, r->host->name));
}

static size_t put_flags(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return procs_flags(p, r);
}

static size_t put_user(struct procs_text *t, char *p, const struct procs_row *r)
{
	uint32_t uid = r->acct->uid;
	struct kept_user *k = &t->user[uid % PROCS_USERS];
	const char *name;

	if (t->host != r->host) {
		memset(t->user, 0, sizeof t->user);
		t->host = r->host;
	}
	if (!k->known || k->uid != uid) {
		name = users_name(r->host->users, uid);
		if (name != NULL)
			escape_str(k->text, sizeof k->text, name);
		else
			k->text[put_number(k->text, uid)] = '\0';
		k->len = (uint8_t)strlen(k->text);
		k->uid = uid;
		k->known = 1;
	}
	memcpy(p, k->text, k->len);
	return k->len;
}

static size_t put_tty(struct procs_text *t, char *p, const struct procs_row *r)
{
	struct kept_tty *k = &t->tty[r->acct->tty % PROCS_TTYS];

	if (r->exec != NULL)
		return strlen(procs_tty(p, r));
	if (!k->known || k->tty != r->acct->tty) {
		k->len = (uint8_t)strlen(acct_tty_name(k->text, r->acct->tty));
		k->tty = r->acct->tty;
		k->known = 1;
	}
	memcpy(p, k->text, k->len);
	return k->len;
}

static size_t put_session(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	if (r->record != NULL && r->record->session != 0)
		return put_number(p, r->record->session);
	*p = '-';
	return 1;
}

static size_t put_pid(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return put_number(p, r->acct->pid);
}

static size_t put_ppid(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return put_number(p, r->acct->ppid);
}

static size_t put_uid(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return put_number(p, r->acct->uid);
}

static size_t put_exit(struct procs_text *t, char *p, const struct procs_row *r)
{
	int st = (int)r->acct->status;

	(void)t;
	if (r->running)
		return put_string(p, "-");
	if (!WIFSIGNALED(st))
		return put_number(p, (uint64_t)WEXITSTATUS(st));
	memcpy(p, "sig ", 4);
	return 4 + put_number(p + 4, (uint64_t)WTERMSIG(st));
}

static size_t put_cpu(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return r->running ? put_string(p, "-") :
	    put_seconds(p, r->acct->user_s + r->acct->system_s);
}

static size_t put_elapsed(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return r->running ? put_string(p, "-") : put_seconds(p, r->acct->elapsed_s);
}

/* KiB */
static size_t put_memory(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return r->running ? put_string(p, "-") : put_number(p, r->acct->memory);
}

/* The Gregorian date of a day since 1970, which is not before: by eras of 400 years that
 * begin in March. */
static void set_day(struct procs_text *t, int64_t day)
{
	uint64_t z = (uint64_t)day + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	unsigned d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	unsigned m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	unsigned y = (unsigned)(yoe + era * 400 + (m <= 2));
	char *p = t->date;

	p = put_two(put_two(p, y / 100 % 100), y % 100);
	*p++ = '-';
	p = put_two(p, m);
	*p++ = '-';
	p = put_two(p, d);
	*p = ' ';
	t->day = day;
}

/* "2026-11-21 08:00:00Z" */
static size_t put_start(struct procs_text *t, char *p, const struct procs_row *r)
{
	int64_t s = r->start_ns > 0 ? r->start_ns / SECOND : 0;
	unsigned rest = (unsigned)(s % DAY_S);
	char *begin = p;

	if (s / DAY_S != t->day)
		set_day(t, s / DAY_S);
	memcpy(p, t->date, sizeof t->date);
	p = put_two(p + sizeof t->date, rest / 3600);
	*p++ = ':';
	p = put_two(p, rest / 60 % 60);
	*p++ = ':';
	p = put_two(p, rest % 60);
	*p++ = 'Z';
	return (size_t)(p - begin);
}

static size_t put_reason(struct procs_text *t, char *p, const struct procs_row *r)
{
	(void)t;
	return put_string(p, r->record != NULL ? process_reason_name(r->record->reason) : "-");
}

static size_t put_origin(struct procs_text *t, char *p, const struct procs_row *r)
{
	int said = r->record != NULL && r->record->origin != ORIGIN_NOT_SAID;

	(void)t;
	return put_string(p, said ? process_origin_name(r->record->origin) : "-");
}

static size_t put_certainty(struct procs_text *t, char *p, const struct procs_row *r)
{
	int said = r->record != NULL && r->record->certainty != CERTAIN_NOT_SAID;

	(void)t;
	return put_string(p, said ? process_certainty_name(r->record->certainty) : "-");
}

/* The arguments with blanks between them; the name in brackets where they are not known. */
static size_t put_args(struct procs_text *t, char *p, const struct procs_row *r)
{
	const struct procs_exec *e = r->exec;
	size_t at, len, n = 0;

	if (e == NULL || e->args == NULL || e->args_len == 0) {
		p[0] = '[';
		n = 1 + put_command(t, p + 1, r);
		p[n] = ']';
		return n + 1;
	}
	for (at = 0; at < e->args_len && PROCS_ARGS_TEXT - n > 16; at += len + 1) {
		len = strnlen(e->args + at, e->args_len - at);
		if (at > 0)
			p[n++] = ' ';
		n += strlen(escape_bytes(p + n, PROCS_ARGS_TEXT - n - 1, e->args + at, len));
	}
	return n;
}

const struct procs_column procs_columns[COLUMNS] = {
	[HOST] = { "HOST", 12, 0, 0, 0, 1, put_host },
	[COMMAND] = { "COMMAND", 16, 0, 1, 1, 1, put_command },
	[FLAGS] = { "FL", 3, 0, 1, 1, 1, put_flags },
	[USER] = { "USER", 10, 0, 1, 1, 1, put_user },
	[TTY] = { "TTY", 8, 0, 1, 1, 1, put_tty },
	[SESSION] = { "SESSION", 7, 1, 1, 0, 1, put_session },
	[PID] = { "PID", 7, 1, 1, 1, 1, put_pid },
	[EXIT] = { "EXIT", 6, 0, 1, 1, 1, put_exit },
	[CPU] = { "CPU", 8, 1, 1, 1, 1, put_cpu },
	[ELAPSED] = { "ELAPSED", 10, 1, 1, 1, 1, put_elapsed },
	[START] = { "START", 20, 0, 1, 1, 1, put_start },
	[REASON] = { "REASON", 20, 0, 1, 0, 1, put_reason },
	[PPID] = { "PPID", 7, 1, 0, 0, 0, put_ppid },
	[UID] = { "UID", 10, 1, 0, 0, 0, put_uid },
	[MEMORY] = { "MEMORY", 8, 1, 0, 0, 0, put_memory },
	[ORIGIN] = { "ORIGIN", 11, 0, 0, 0, 0, put_origin },
	[CERTAINTY] = { "CERTAINTY", 9, 0, 0, 0, 0, put_certainty },
	[ARGS] = { "ARGS", 20, 0, 0, 0, 0, put_args },
};
