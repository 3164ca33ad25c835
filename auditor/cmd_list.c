/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "columns.h"
#include "err.h"
#include "json.h"
#include "judge.h"
#include "process_walk.h"
#include "table.h"

enum { OPT_JSON = OPT_LONG };

const struct opt list_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define SECOND 1000000000
#define MINUTE_S 60
#define HOUR_S 3600

/* Commands by session: how many process records of each exec'd. */
struct commands {
	const struct store *store;
	uint64_t *count; /* one a session of the store, in its order */
	int known;       /* there are process records at all */
};

static void count_record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct commands *c = arg;
	size_t low = 0, high = c->store->sessions;

	if (p->session == 0 || p->reason == REASON_RECORDER || (r->flags & ACCT_F_FORK))
		return;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->store->session[mid].name.n < p->session)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < c->store->sessions && c->store->session[low].name.n == p->session)
		c->count[low]++;
}

static int count_commands(struct commands *c, const struct store *s)
{
	struct process_walk w = { .record = count_record, .arg = c };
	long files;

	c->store = s;
	c->count = calloc(s->sessions + 1, sizeof *c->count);
	if (c->count == NULL)
		return AUDIT_CANNOT;
	files = process_walk(s, &w);
	c->known = files > 0;
	if (files < 0)
		complain("process records: %s; commands are not counted", err_text((int)files));
	return AUDIT_OK;
}

/* Wall clock of the last seal, *known 0 where there is none. */
static int64_t end_of(const struct verdict *v, int *known)
{
	*known = v->chain.chunk > 0 && v->status != STATUS_LIVE;
	return v->chain.last.wall_ns;
}

static void list_json(const struct store_session *e, const struct verdict *v,
    const struct commands *c, size_t i)
{
	const struct chain *ch = &v->chain;
	const struct cert *k = &ch->cert;
	int st = (int)ch->last.status, known, cert = ch->have_cert;
	int64_t end = end_of(v, &known);
	json_t *o = json_object();

	json_object_set_new(o, "n", json_u64(e->name.n));
	json_object_set_new(o, "id", json_hex(e->name.id, ID_SIZE));
	json_object_set_new(o, "user", cert ? json_bytes(k->user) : json_null());
	json_object_set_new(o, "uid", cert ? json_u64(k->uid) : json_null());
	json_object_set_new(o, "tty", cert ? json_bytes(k->tty) : json_null());
	json_object_set_new(o, "host", cert ? json_bytes(k->host) : json_null());
	json_object_set_new(o, "from", cert ? json_bytes(k->from) : json_null());
	json_object_set_new(o, "start", cert ? json_time(k->wall_ns) : json_null());
	json_object_set_new(o, "end", known ? json_time(end) : json_null());
	json_object_set_new(o, "status", json_string(verdict_word(v->status)));
	json_object_set_new(o, "level", v->level < 0 ? json_null() : json_integer(v->level));
	json_object_set_new(o, "exit",
	    ch->ended && WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    ch->ended && WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
	json_object_set_new(o, "bytes_in", json_u64(ch->in_bytes));
	json_object_set_new(o, "bytes_out", json_u64(ch->out_bytes));
	json_object_set_new(o, "commands", c->known ? json_u64(c->count[i]) : json_null());
	json_line(o);
}

static void put_length(char *out, size_t size, uint64_t ns)
{
	unsigned long long s = ns / SECOND;

	if (s < MINUTE_S)
		snprintf(out, size, "%llu.%llus", s, (unsigned long long)(ns % SECOND) / 100000000);
	else
		snprintf(out, size, "%llu:%02llu:%02llu", s / HOUR_S, s % HOUR_S / MINUTE_S,
		    s % MINUTE_S);
}

/* "2026-11-21 08:00:00Z" */
static void put_time(char *out, size_t size, int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	if (text[0] == '\0')
		snprintf(out, size, "?");
	else
		snprintf(out, size, "%.10s %.8sZ", text, text + 11);
}

static void put_exit(char *out, size_t size, const struct chain *c)
{
	int st = (int)c->last.status;

	if (!c->ended)
		snprintf(out, size, "-");
	else if (WIFSIGNALED(st))
		snprintf(out, size, "signal %d", WTERMSIG(st));
	else
		snprintf(out, size, "%d", WEXITSTATUS(st));
}

static const char *or_dash(const char *s)
{
	return s[0] != '\0' ? s : "-";
}

static void list_row(struct table *t, const struct store_session *e, const struct verdict *v)
{
	const struct chain *c = &v->chain;
	char n[24], start[32] = "-", length[32], bytes[24], status[32], id[2 * ID_SIZE + 1];
	const char *cells[] = { n, or_dash(c->cert.user), or_dash(c->cert.tty),
		or_dash(c->cert.from), start, length, bytes, verdict_word(v->status), status, id };

	snprintf(n, sizeof n, "%llu", (unsigned long long)e->name.n);
	if (c->have_cert)
		put_time(start, sizeof start, c->cert.wall_ns);
	put_length(length, sizeof length, c->elapsed_ns);
	snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)c->out_bytes);
	put_exit(status, sizeof status, c);
	hex_put(id, e->name.id, ID_SIZE);
	id[8] = '\0';
	table_row(t, cells);
}

static int list_all(struct auditor *a, int json)
{
	static const char *const heads[] = { "N", "USER", "TTY", "FROM", "START", "LENGTH",
		"BYTES", "STATUS", "EXIT", "ID" };
	static const unsigned char drop[] = { 6, 5, 8, 2, 3, COLUMNS_END }; /* BYTES first */
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	static struct verdict v;
	struct table *t = json ? NULL : table_new(heads, 10, 0x61);
	struct commands c = { 0 };
	int status = json ? count_commands(&c, &a->store) : AUDIT_OK;
	size_t i;

	if (!json)
		table_drop(t, drop);
	for (i = 0; i < a->store.sessions; i++) {
		struct store_session *e = &a->store.session[i];
		int r = judge_session_how(&a->store, e, &how, &v);

		if (r != 0) {
			complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
			status = AUDIT_CANNOT;
		} else if (json) {
			list_json(e, &v, &c, i);
		} else {
			list_row(t, e, &v);
		}
	}
	if (!json)
		table_print(t);
	free(c.count);
	return status;
}

int cmd_list(struct auditor *a, int argc, char **argv)
{
	int status, json = command_flag("list", argc, argv, &status);

	if (json < 0)
		return status;
	status = auditor_open(a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	return status != AUDIT_OK ? status : list_all(a, json);
}
