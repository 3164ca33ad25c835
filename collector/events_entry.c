/* SPDX-License-Identifier: ISC */
/* What the ledger says. */
#include <string.h>

#include "err.h"
#include "events_internal.h"
#include "ledger_entry.h"

static const struct event_head head_gap = EVENT_ALERT("recording-gap", 50);
static const struct event_head head_purge = EVENT_CHANGE("purge", "deletion");
static const struct event_head head_key = EVENT_CHANGE("key-rotated", "change");
static const struct event_head head_config = EVENT_CHANGE("configuration-changed", "change");
static const struct event_head head_failure = {.action = "failure", .kind = "alert",
	.dataset = "shellac.health", .category = "host", .type = "error", .outcome = "failure",
	.severity = 73};
static const struct event_head head_failure_over = {.action = "failure-over", .kind = "event",
	.dataset = "shellac.health", .category = "host", .type = "info", .outcome = "success"};

static void put_gap(struct events *e, const struct entry *entry)
{
	struct event_made m;

	if (!events_begin_plain(e, &m, &head_gap))
		return;
	events_put_owner(e, &m.t, entry->u.gap.id);
	events_text_begin(&m.t, "process", '{');
	events_text_begin(&m.t, "io", '{');
	events_text_word(&m.t, "type", "tty");
	events_text_number(&m.t, "total_bytes_skipped", entry->u.gap.lost);
	events_text_end(&m.t, '}');
	events_text_end(&m.t, '}');
	events_shellac(&m);
	events_put_session(&m.t, entry->u.gap.n, entry->u.gap.id);
	events_text_end(&m.t, '}');
	events_text_begin(&m.t, "gap", '{');
	events_text_number(&m.t, "chunk", entry->u.gap.chunk);
	events_text_number(&m.t, "bytes_lost", entry->u.gap.lost);
	events_text_word(&m.t, "reason", entry->u.gap.reason == GAP_NO_ROOM ? "no-room" : "?");
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, entry->index);
	events_end(e, &m);
}

static void put_failure(struct events *e, const struct entry *entry)
{
	static const char *const words[] = {"?", "store", "accounting", "spool", "sync", "space",
		"witness", "events"};
	uint32_t what = entry->u.fail.what;
	int over = entry->u.fail.error == 0;
	struct event_made m;

	if (!events_begin(e, &m, over ? &head_failure_over : &head_failure))
		return;
	events_text_bytes(&m.t, "reason", entry->u.fail.text,
	    strnlen(entry->u.fail.text, ENTRY_TEXT_MAX));
	events_head_end(e, &m, 0);
	if (!over) {
		events_text_begin(&m.t, "error", '{');
		events_text_string(&m.t, "message", err_text(entry->u.fail.error));
		events_text_end(&m.t, '}');
	}
	events_shellac(&m);
	if (entry->u.fail.n != 0) {
		events_put_session(&m.t, entry->u.fail.n, NULL);
		events_text_end(&m.t, '}');
	}
	events_text_begin(&m.t, "failure", '{');
	events_text_word(&m.t, "what", words[what < sizeof(words) / sizeof(words[0]) ? what : 0]);
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, entry->index);
	events_end(e, &m);
}

static void put_purge(struct events *e, const struct entry *entry)
{
	struct event_made m;

	if (!events_begin_plain(e, &m, &head_purge))
		return;
	events_shellac(&m);
	events_put_session(&m.t, entry->u.purge.n, entry->u.purge.id);
	events_text_end(&m.t, '}');
	events_text_begin(&m.t, "purge", '{');
	events_text_word(&m.t, "why", entry->u.purge.why == PURGE_RETENTION ? "retention" : "approval");
	events_text_number(&m.t, "chunks", entry->u.purge.chunks);
	events_text_number(&m.t, "bytes", entry->u.purge.bytes);
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, entry->index);
	events_end(e, &m);
}

static void put_key(struct events *e, const struct entry *entry)
{
	struct event_made m;

	if (!events_begin_plain(e, &m, &head_key))
		return;
	events_shellac(&m);
	events_text_begin(&m.t, "key", '{');
	events_text_hex(&m.t, "public", entry->u.key.host_pk, PK_SIZE);
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, entry->index);
	events_end(e, &m);
}

static void put_config(struct events *e, const struct entry *entry)
{
	static const char *const words[] = {"?", "configuration", "witness-policy", "plugin"};
	uint32_t what = entry->u.config.what;
	struct event_made m;

	if (!events_begin_plain(e, &m, &head_config))
		return;
	events_shellac(&m);
	events_text_begin(&m.t, "configuration", '{');
	events_text_word(&m.t, "what", words[what < sizeof(words) / sizeof(words[0]) ? what : 0]);
	events_text_hex(&m.t, "hash", entry->u.config.hash, HASH_SIZE);
	events_text_end(&m.t, '}');
	events_put_leaf(&m.t, entry->index);
	events_end(e, &m);
}

void events_entry(struct events *e, const struct entry *entry)
{
	struct session_name name = {0};

	switch (entry->type) {
	case ENTRY_GAP: put_gap(e, entry); break;
	case ENTRY_FAIL: put_failure(e, entry); break;
	case ENTRY_PURGE: put_purge(e, entry); break;
	case ENTRY_KEY: put_key(e, entry); break;
	case ENTRY_CONFIG: put_config(e, entry); break;
	case ENTRY_CLOSE:
		if ((entry->flags & ENTRY_F_RECOVERED) == 0)
			break;
		name.n = entry->u.close.n;
		memcpy(name.id, entry->u.close.id, ID_SIZE);
		events_session_found(e, &name, entry->u.close.end == ENTRY_END_WHOLE);
		break;
	default: break;
	}
}
