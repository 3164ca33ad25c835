/* SPDX-License-Identifier: ISC */
/* What coverage, the store and those who ask for it say. */
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "err.h"
#include "events_internal.h"
#include "identity.h"
#include "review_note.h"
#include "session.h"

static const struct event_head head_tamper = EVENT_ALERT("tamper-detected", 99);
static const struct event_head head_unrecorded = EVENT_ALERT("unrecorded", 47);
static const struct event_head head_unrecorded_end = EVENT_ALERT("unrecorded-end", 21);
static const struct event_head head_hold = EVENT_CHANGE("hold", "change");
static const struct event_head head_release = EVENT_CHANGE("hold-released", "change");
static const struct event_head head_access = {.action = "access", .kind = "event",
	.dataset = "shellac.access", .category = "file", .type = "access", .outcome = "success"};
static const struct event_head head_review = {.action = "review", .kind = "event",
	.dataset = "shellac.review", .category = "session", .type = "info", .outcome = "success"};

void events_unrecorded(struct events *e, const struct process_record *r,
    const struct process_terminal *t)
{
	char tty[CERT_TTY_MAX + 1];
	struct event_made m;

	if (!events_begin_plain(e, &m, t->state == 1 ? &head_unrecorded : &head_unrecorded_end))
		return;
	events_put_user(&m.t, t->uid, uid_names_get(&e->users, t->uid));
	events_text_begin(&m.t, "process", '{');
	events_text_number(&m.t, "pid", t->pid);
	events_text_bytes(&m.t, "name", t->comm, strnlen(t->comm, sizeof(t->comm)));
	if (r->start_ticks != 0)
		events_put_life(&m.t, e->c->boot_id, t->pid, r->start_ticks, r->ordinal);
	events_put_tty(&m.t, t->tty_dev);
	events_text_end(&m.t, '}');
	events_shellac(&m);
	if (r->session != 0) {
		events_put_session(&m.t, r->session, NULL);
		events_text_end(&m.t, '}');
	}
	events_text_begin(&m.t, "unrecorded", '{');
	events_text_string(&m.t, "tty", identity_tty_name(tty, t->tty_dev));
	events_text_word(&m.t, "reason", process_reason_name(r->reason));
	events_text_word(&m.t, "certainty", process_certainty_name(r->certainty));
	if (r->origin != ORIGIN_NOT_SAID)
		events_text_word(&m.t, "origin", process_origin_name(r->origin));
	if (t->state != 1) {
		events_text_number(&m.t, "processes", t->processes);
		if (t->to_boot_ns >= t->from_boot_ns)
			events_text_number(&m.t, "elapsed_ns", t->to_boot_ns - t->from_boot_ns);
	}
	events_text_end(&m.t, '}');
	events_end(e, &m);
}

void events_tamper(struct events *e, const struct session *s, int error)
{
	const struct chain *c = &s->in.chain;

	events_tamper_file(e, &s->name, s->day, error, c->chunk, c->offset);
}

void events_tamper_file(struct events *e, const struct session_name *name, const char *day,
    int error, uint64_t chunk, uint64_t offset)
{
	char path[PATH_MAX + STORE_DAY_MAX + STORE_NAME_MAX], file[STORE_NAME_MAX];
	struct event_made m;

	/* the disk's errors are failures */
	if (error > E_FORMAT || error < E_BYTE_ORDER || !events_begin(e, &m, &head_tamper))
		return;
	events_text_string(&m.t, "reason", err_text(error));
	events_head_end(e, &m, 0);
	events_put_owner(e, &m.t, name->id);
	store_name_format(file, name);
	snprintf(path, sizeof(path), "%s/session/%s/%s", e->c->paths.store, day, file);
	events_text_begin(&m.t, "file", '{');
	events_text_string(&m.t, "path", path);
	events_text_end(&m.t, '}');
	events_shellac(&m);
	events_put_session(&m.t, name->n, name->id);
	events_text_end(&m.t, '}');
	events_text_begin(&m.t, "tamper", '{');
	events_text_number(&m.t, "chunk", chunk);
	events_text_number(&m.t, "offset", offset);
	events_text_end(&m.t, '}');
	events_end(e, &m);
}

/* who is "UID NAME", "UID", or what is no user. */
static void put_reader(struct events_text *t, const char *who)
{
	size_t len = strcspn(who, " ");
	uint64_t uid;

	if (decimal_get(&uid, who, len) == 0 && uid <= UINT32_MAX)
		events_put_user(t, (uint32_t)uid, who[len] == ' ' ? who + len + 1 : "");
}

void events_access(struct events *e, const char *who, const char *what, const char *reason,
    uint64_t n, uint64_t index)
{
	struct event_made m;

	if (!events_begin(e, &m, &head_access))
		return;
	events_text_string(&m.t, "reason", reason);
	events_head_end(e, &m, 0);
	put_reader(&m.t, who);
	events_shellac(&m);
	if (n != 0) {
		events_put_session(&m.t, n, NULL);
		events_text_end(&m.t, '}');
	}
	events_text_begin(&m.t, "access", '{');
	events_text_string(&m.t, "who", who);
	events_text_string(&m.t, "what", what);
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, index);
	events_end(e, &m);
}

void events_review(struct events *e, uint64_t n, const uint8_t id[ID_SIZE], const char *who,
    unsigned verdict, uint64_t index)
{
	const char *word = review_verdict_word(verdict);
	struct event_made m;

	if (!events_begin_plain(e, &m, &head_review))
		return;
	events_shellac(&m);
	if (n != 0) { /* else it is about an entry of the ledger, which its note names */
		events_put_session(&m.t, n, id);
		events_text_end(&m.t, '}');
	}
	events_text_begin(&m.t, "review", '{');
	events_text_string(&m.t, "key_name", who);
	events_text_word(&m.t, "verdict", word != NULL ? word : "?");
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, index);
	events_end(e, &m);
}

void events_hold(struct events *e, uint64_t n, const char *reason)
{
	struct event_made m;

	if (!events_begin(e, &m, reason != NULL ? &head_hold : &head_release))
		return;
	if (reason != NULL)
		events_text_string(&m.t, "reason", reason);
	events_head_end(e, &m, 0);
	events_shellac(&m);
	events_put_session(&m.t, n, NULL);
	events_text_end(&m.t, '}');
	events_end(e, &m);
}
