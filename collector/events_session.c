/* SPDX-License-Identifier: ISC */
/* Sessions that begin and end. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "decimal.h"
#include "events_internal.h"
#include "ledger_entry.h"
#include "remote.h"
#include "session.h"

static const struct event_head head_start = {.action = "session-start", .kind = "event",
	.dataset = "shellac.session", .category = "session", .type = "start", .outcome = "success"};
static const struct event_head head_end = {.action = "session-end", .kind = "event",
	.dataset = "shellac.session", .category = "session", .type = "end"};

static int is_ip(const char *s)
{
	struct in6_addr a;

	return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

/* "ADDRESS PORT", or whatever else the login says that it came from. */
static void put_source(struct events_text *t, const char *from)
{
	char address[CERT_FROM_MAX + 1];
	size_t len = strcspn(from, " ");
	uint64_t port;

	if (from[0] == '\0')
		return;
	memcpy(address, from, len);
	address[len] = '\0';
	events_text_begin(t, "source", '{');
	events_text_string(t, "address", address);
	if (is_ip(address))
		events_text_word(t, "ip", address);
	if (from[len] == ' ' && decimal_get(&port, from + len + 1, strlen(from + len + 1)) == 0)
		events_text_number(t, "port", port);
	events_text_end(t, '}');
}

static const char *entry_type(const struct cert *c)
{
	unsigned i;

	for (i = 0; i < c->ancestors; i++) {
		if (remote_is_daemon(c->ancestor[i].comm))
			return "sshd";
		if (strcmp(c->ancestor[i].comm, "login") == 0)
			return "console";
	}
	return NULL;
}

/* The recorder, below which the session's program runs. */
static void put_process(struct events_text *t, const struct cert *c, const char *type)
{
	events_text_number(t, "pid", c->pid);
	events_put_life(t, c->boot_id, c->pid, c->start_ticks, 0);
	events_text_bool(t, "interactive", (c->flags & CERT_F_TERMINAL) != 0);
	events_text_string(t, "working_directory", c->cwd);
	events_put_tty(t, c->tty_dev);
	if (c->ancestors > 0) {
		events_text_begin(t, "parent", '{');
		events_text_number(t, "pid", c->ancestor[0].pid);
		events_text_string(t, "name", c->ancestor[0].comm);
		events_put_life(t, c->boot_id, c->ancestor[0].pid, c->ancestor[0].start_ticks, 0);
		events_text_end(t, '}');
	}
	if (type != NULL) {
		events_text_begin(t, "entry_leader", '{');
		events_text_begin(t, "entry_meta", '{');
		events_text_word(t, "type", type);
		events_text_end(t, '}');
		events_text_end(t, '}');
	}
}

static void put_cert(struct events_text *t, const struct cert *c)
{
	events_put_session(t, c->n, c->id);
	events_text_string(t, "tty", c->tty);
	events_text_bool(t, "certified", (c->flags & CERT_F_CLAIMED) == 0);
	events_text_bool(t, "late", (c->flags & CERT_F_LATE) != 0);
	events_text_bool(t, "notice", (c->flags & CERT_F_NOTICE) != 0);
	if (c->loginuid != CERT_UNSET)
		events_text_number(t, "login_uid", c->loginuid);
	if (c->audit_session != CERT_UNSET)
		events_text_number(t, "audit_session", c->audit_session);
}

/* OPENs come to the disk in any order: whoever follows looks from here on who was told of. */
static uint64_t first_untold(const struct collector *c)
{
	uint64_t first = c->store.number + 1;
	const struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		if (s->opening && s->name.n < first)
			first = s->name.n;
	return first;
}

static void put_start(struct events *e, const struct session *s)
{
	const struct cert *c = &s->in.chain.cert;
	struct event_made m;

	if (!events_begin(e, &m, &head_start))
		return;
	events_head_end(e, &m, c->wall_ns);
	events_put_user(&m.t, c->uid, c->user);
	put_source(&m.t, c->from);
	events_text_begin(&m.t, "process", '{');
	put_process(&m.t, c, entry_type(c));
	events_text_end(&m.t, '}');
	events_shellac(&m);
	put_cert(&m.t, c);
	events_text_end(&m.t, '}');
	events_end(e, &m);
}

void events_session_start(struct events *e, const struct session *s)
{
	if (!events_active(e))
		return;
	put_start(e, s);
	e->told.session = first_untold(e->c);
	events_flush(e);
}

/* How it ended, in a word. */
static const char *end_word(const struct session *s)
{
	static const char *const words[] = {"?", "exit", "hang-up", "signal", "failure"};

	if (s->end == END_REFUSED)
		return "refused";
	if (s->end != END_CLOSED)
		return "recorder-gone";
	return words[s->in.chain.last.reason <= END_FAILURE ? s->in.chain.last.reason : 0];
}

static void put_io(struct events_text *t, const struct chain *c)
{
	events_text_begin(t, "io", '{');
	events_text_word(t, "type", "tty");
	events_text_number(t, "total_bytes_captured", c->out_bytes + c->in_bytes);
	events_text_number(t, "total_bytes_skipped", c->lost_bytes);
	events_text_end(t, '}');
}

static void put_end(struct events_text *t, const struct session *s)
{
	const struct chain *c = &s->in.chain;
	int st = (int)c->last.status;

	events_text_word(t, "status", s->end == END_CLOSED ? "complete" : "cut");
	events_text_word(t, "ended", end_word(s));
	if (s->end == END_CLOSED && WIFSIGNALED(st))
		events_text_number(t, "signal", (uint64_t)WTERMSIG(st));
	events_text_number(t, "chunks", c->chunk);
	events_text_number(t, "bytes_out", c->out_bytes);
	events_text_number(t, "bytes_in", c->in_bytes);
	events_text_number(t, "bytes_hidden", c->hidden_bytes);
	events_text_number(t, "bytes_lost", c->lost_bytes);
	events_text_number(t, "bytes_stored", c->offset);
}

void events_session_end(struct events *e, const struct session *s)
{
	const struct chain *c = &s->in.chain;
	int st = (int)c->last.status;
	struct event_made m;

	if (!events_begin(e, &m, &head_end))
		return;
	events_text_word(&m.t, "outcome", s->end == END_CLOSED ? "success" : "unknown");
	events_text_date(&m.t, "start", c->cert.wall_ns);
	events_text_date(&m.t, "end", clock_wall());
	events_text_number(&m.t, "duration", c->elapsed_ns);
	events_head_end(e, &m, 0);
	events_put_user(&m.t, c->cert.uid, c->cert.user);
	put_source(&m.t, c->cert.from);
	events_text_begin(&m.t, "process", '{');
	put_process(&m.t, &c->cert, entry_type(&c->cert));
	if (s->end == END_CLOSED && WIFEXITED(st))
		events_text_number(&m.t, "exit_code", (uint64_t)WEXITSTATUS(st));
	put_io(&m.t, c);
	events_text_end(&m.t, '}');
	events_shellac(&m);
	put_cert(&m.t, &c->cert);
	put_end(&m.t, s);
	events_text_end(&m.t, '}');
	events_end(e, &m);
	events_flush(e);
}

void events_session_taken_up(struct events *e, const struct session *s)
{
	if (e == NULL || e->found_session == 0 || s->name.n < e->found_session ||
	    events_told(e, head_start.action, s->name.n))
		return;
	put_start(e, s);
	events_flush(e);
}

void events_session_found(struct events *e, const struct session_name *name, int whole)
{
	struct event_made m;

	if (!events_active(e) || events_told(e, head_end.action, name->n) ||
	    !events_begin(e, &m, &head_end))
		return;
	events_text_word(&m.t, "outcome", whole ? "success" : "unknown");
	events_head_end(e, &m, 0);
	events_shellac(&m);
	events_put_session(&m.t, name->n, name->id);
	events_text_word(&m.t, "status", whole ? "complete" : "cut");
	events_text_word(&m.t, "ended", "found");
	events_text_end(&m.t, '}');
	events_end(e, &m);
	events_flush(e);
}
