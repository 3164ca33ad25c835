/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "array.h"
#include "procs/process_walk.h"
#include "report/gather.h"

#define AS_MAX 300

static const struct report_column session_columns[] = {
	{ "session", "SESSION", REPORT_NUMBER },
	{ "user", "USER", REPORT_TEXT },
	{ "as", "ALSO AS", REPORT_TEXT },
	{ "from", "FROM", REPORT_TEXT },
	{ "tty", "TERMINAL", REPORT_TEXT },
	{ "start", "BEGIN", REPORT_WALL },
	{ "end", "END", REPORT_WALL },
	{ "length_s", "LENGTH", REPORT_LENGTH },
	{ "commands", "COMMANDS", REPORT_COUNT },
	{ "exit", "EXIT", REPORT_TEXT },
	{ "status", "STATUS", REPORT_TEXT },
	{ "level", "LEVEL", REPORT_NUMBER },
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

static const struct report_column user_columns[] = {
	{ "user", "USER", REPORT_TEXT },
	{ "sessions", "SESSIONS", REPORT_COUNT },
	{ "privileged", "PRIVILEGED", REPORT_COUNT },
	{ "commands", "COMMANDS", REPORT_COUNT },
	{ "bytes_out", "BYTES SHOWN", REPORT_BYTES },
	{ "length_s", "TIME", REPORT_LENGTH },
	{ "first", "FIRST", REPORT_WALL },
	{ "last", "LAST", REPORT_WALL },
	{ "command", "TO SEE THEM", REPORT_COMMAND },
};

static const struct report_column privileged_columns[] = {
	{ "session", "SESSION", REPORT_NUMBER },
	{ "user", "USER", REPORT_TEXT },
	{ "why", "PRIVILEGED", REPORT_TEXT },
	{ "start", "BEGIN", REPORT_WALL },
	{ "commands", "COMMANDS", REPORT_COUNT },
	{ "status", "STATUS", REPORT_TEXT },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

/* Place in the store of session n; SIZE_MAX for none. */
static size_t place_of(const struct store *s, uint64_t n)
{
	size_t i = store_first(s, n);

	return i < s->sessions && s->session[i].name.n == n ? i : SIZE_MAX;
}

static void record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct gather *g = arg;
	size_t i = p->session != 0 && p->reason != REASON_RECORDER ?
	    place_of(&g->a->store, p->session) : SIZE_MAX;
	struct gather_lives *l;
	unsigned k;

	if (i == SIZE_MAX)
		return;
	l = &g->lives[i];
	l->commands += (r->flags & ACCT_F_FORK) == 0;
	for (k = 0; k < l->uids; k++)
		if (l->uid[k] == r->uid)
			return;
	if (l->uids < sizeof l->uid / sizeof l->uid[0])
		l->uid[l->uids++] = r->uid;
	else
		l->more = 1;
}

int gather_users_begin(struct gather *g)
{
	const struct process_walk w = { .record = record, .arg = g };

	g->user_table = report_table(g->r, REPORT_USERS, "users", "Users", user_columns,
	    sizeof user_columns / sizeof user_columns[0]);
	g->privileged_table = report_table(g->r, REPORT_USERS, "privileged", "Privileged sessions",
	    privileged_columns, sizeof privileged_columns / sizeof privileged_columns[0]);
	g->session_table = report_table(g->r, REPORT_USERS, "sessions", "Sessions",
	    session_columns, sizeof session_columns / sizeof session_columns[0]);
	g->lives = calloc(g->a->store.sessions + 1, sizeof *g->lives);
	if (g->lives == NULL)
		return -ENOMEM;
	g->process_files = process_walk(&g->a->store, &w);
	return 0;
}

/* The users that its processes were beside its own; 1 if one of them is root. */
static int put_as(struct gather *g, char out[AS_MAX], const struct gather_lives *l, uint32_t own)
{
	char number[24];
	size_t len = 0;
	unsigned k;
	int root = 0;

	out[0] = '\0';
	for (k = 0; k < l->uids && len < AS_MAX; k++) {
		if (l->uid[k] == own)
			continue;
		root |= l->uid[k] == 0;
		len += (size_t)snprintf(out + len, AS_MAX - len, "%s%.64s", len > 0 ? "," : "",
		    l->uid[k] == 0 ? "root" : gather_user(g, number, l->uid[k]));
	}
	if (l->more && len < AS_MAX)
		snprintf(out + len, AS_MAX - len, ",...");
	return root;
}

static struct gather_user *find_user(struct gather *g, const char *name)
{
	struct gather_user *u;
	size_t i;

	for (i = 0; i < g->user_count; i++)
		if (strcmp(g->user[i].name, name) == 0)
			return &g->user[i];
	name = report_keep(g->r, name);
	if (name == NULL || array_room(&g->user, g->user_count, &g->user_room, sizeof *u) != 0)
		return NULL;
	u = &g->user[g->user_count++];
	memset(u, 0, sizeof *u);
	u->name = name;
	u->first_ns = INT64_MAX;
	u->last_ns = INT64_MIN;
	return u;
}

static void count_user(struct gather *g, const struct verdict *v, const struct gather_lives *l,
    int privileged)
{
	struct gather_user *u = find_user(g, v->chain.cert.user);

	if (u == NULL)
		return;
	u->sessions++;
	u->privileged += privileged != 0;
	u->bytes_out += v->chain.out_bytes;
	u->commands += l->commands;
	if (__builtin_add_overflow(u->length_ns, (int64_t)v->chain.elapsed_ns, &u->length_ns))
		u->length_ns = INT64_MAX;
	if (v->chain.cert.wall_ns < u->first_ns)
		u->first_ns = v->chain.cert.wall_ns;
	if (v->chain.cert.wall_ns > u->last_ns)
		u->last_ns = v->chain.cert.wall_ns;
}

static void put_exit(struct report_table *t, const struct chain *c)
{
	int st = (int)c->last.status;

	if (!c->ended)
		report_text(t, NULL);
	else if (WIFSIGNALED(st))
		report_textf(t, "signal %d", WTERMSIG(st));
	else
		report_textf(t, "%d", WEXITSTATUS(st));
}

static void put_privileged(struct gather *g, uint64_t n, const char *status,
    const struct verdict *v, const struct gather_lives *l)
{
	struct report_table *t = g->privileged_table;

	report_row(t, TOPIC_PRIVILEGED);
	report_number(t, (int64_t)n);
	report_text(t, v->chain.cert.user);
	report_text(t, v->chain.cert.uid == 0 ? "logged in as root" : "became root");
	report_number(t, v->chain.cert.wall_ns);
	report_number(t, g->process_files > 0 ? (int64_t)l->commands : REPORT_UNKNOWN);
	report_text(t, status);
	report_textf(t, "shellac replay %llu", (unsigned long long)n);
}

static void put_session(struct gather *g, uint64_t n, const char *status, int level,
    const struct verdict *v, const struct gather_lives *l)
{
	const struct evidence_session *e = evidence_of(&g->verify.evidence, n);
	const struct cert *k = &v->chain.cert;
	struct report_table *t = g->session_table;
	char as[AS_MAX];
	int known = v->chain.have_cert, root = put_as(g, as, l, known ? k->uid : UINT32_MAX);
	int privileged = known && (k->uid == 0 || root);

	report_row(t, TOPIC_SESSION | (privileged ? TOPIC_PRIVILEGED : 0));
	report_number(t, (int64_t)n);
	report_text(t, known ? k->user : NULL);
	report_text(t, as);
	report_text(t, known ? k->from : NULL);
	report_text(t, known ? k->tty : NULL);
	report_number(t, known ? k->wall_ns : REPORT_UNKNOWN);
	report_number(t, v->chain.chunk > 0 && v->status != STATUS_LIVE ? v->chain.last.wall_ns :
	    REPORT_UNKNOWN);
	report_number(t, (int64_t)v->chain.elapsed_ns);
	report_number(t, g->process_files > 0 ? (int64_t)l->commands : REPORT_UNKNOWN);
	put_exit(t, &v->chain);
	report_text(t, status);
	report_number(t, level >= 0 ? level : REPORT_UNKNOWN);
	report_number(t, e != NULL ? (int64_t)e->expect.open : REPORT_UNKNOWN);
	report_textf(t, "shellac replay %llu", (unsigned long long)n);
	if (!known)
		return;
	if (privileged)
		put_privileged(g, n, status, v, l);
	gather_session(g, n)->privileged = (uint8_t)privileged;
	count_user(g, v, l, privileged);
}

void gather_users_session(struct gather *g, uint64_t n, const char *status, int level,
    const struct verdict *v)
{
	static const struct gather_lives none;
	size_t i = place_of(&g->a->store, n);

	if (v != NULL)
		put_session(g, n, status, level, v, i != SIZE_MAX ? &g->lives[i] : &none);
}

static int compare(const void *a, const void *b)
{
	const struct gather_user *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void put_user(struct gather *g, struct report_table *t, const struct gather_user *u)
{
	report_row(t, TOPIC_SESSION | (u->privileged > 0 ? TOPIC_PRIVILEGED : 0));
	report_text(t, u->name);
	report_number(t, (int64_t)u->sessions);
	report_number(t, (int64_t)u->privileged);
	report_number(t, g->process_files > 0 ? (int64_t)u->commands : REPORT_UNKNOWN);
	report_number(t, (int64_t)u->bytes_out);
	report_number(t, u->length_ns);
	report_number(t, u->first_ns);
	report_number(t, u->last_ns);
	if (strspn(u->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
	    strlen(u->name) && u->name[0] != '\0')
		report_textf(t, "shellac list user %s", u->name);
	else
		report_text(t, "shellac list");
}

static void put_notice(struct gather *g)
{
	report_fact_number(g->r, REPORT_USERS, TOPIC_NOTICE, "sessions that began with a notice",
	    REPORT_COUNT, (int64_t)g->with_notice);
	if (g->with_notice < g->wanted)
		report_gap(g->r, REPORT_USERS, TOPIC_NOTICE, NULL,
		    "a notice at the beginning of %llu of %llu sessions; see notice in "
		    "shellac.conf(5)", (unsigned long long)(g->wanted - g->with_notice),
		    (unsigned long long)g->wanted);
}

void gather_users_end(struct gather *g)
{
	size_t i;

	if (g->user_count > 0)
		qsort(g->user, g->user_count, sizeof *g->user, compare);
	for (i = 0; i < g->user_count; i++)
		put_user(g, g->user_table, &g->user[i]);
	report_fact_number(g->r, REPORT_USERS, TOPIC_SESSION, "users", REPORT_COUNT,
	    (int64_t)g->user_count);
	report_fact_number(g->r, REPORT_USERS, TOPIC_SESSION, "sessions", REPORT_COUNT,
	    (int64_t)g->session_table->rows);
	report_fact_number(g->r, REPORT_USERS, TOPIC_PRIVILEGED, "privileged sessions",
	    REPORT_COUNT, (int64_t)g->privileged_table->rows);
	put_notice(g);
	if (g->process_files <= 0)
		report_gap(g->r, REPORT_USERS, TOPIC_PRIVILEGED, NULL,
		    "process records: who became root in a session, and with what commands, is only "
		    "in what its terminal showed");
}
