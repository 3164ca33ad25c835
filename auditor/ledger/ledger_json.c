/* SPDX-License-Identifier: ISC */
#include "ledger/ledger_text.h"

#include <string.h>

#include "bytes.h"
#include "output/json.h"

#define SET(o, key, value) json_object_set_new(o, key, value)

static void set_hex(json_t *o, const char *key, const uint8_t *p, size_t len)
{
	SET(o, key, all_zero(p, len) ? json_null() : json_hex(p, len));
}

static void set_session(json_t *o, uint64_t n, const uint8_t id[ID_SIZE])
{
	SET(o, "n", json_u64(n));
	SET(o, "id", json_hex(id, ID_SIZE));
}

static void set_close(json_t *o, const struct entry *e)
{
	set_session(o, e->u.close.n, e->u.close.id);
	SET(o, "end", json_string(e->u.close.end == ENTRY_END_WHOLE ? "whole" : "cut"));
	SET(o, "chunks", json_u64(e->u.close.chunks));
	SET(o, "head", json_hex(e->u.close.head, HASH_SIZE));
	SET(o, "sealed", json_u64(e->u.close.sealed));
	SET(o, "size", json_u64(e->u.close.size));
	SET(o, "tail", json_hex(e->u.close.tail, HASH_SIZE));
}

static void set_epoch(json_t *o, const struct entry *e)
{
	SET(o, "epoch", json_u64(e->u.epoch.epoch));
	SET(o, "next_n", json_u64(e->u.epoch.next_n));
	SET(o, "live", json_integer(e->u.epoch.live));
	SET(o, "live_root", json_hex(e->u.epoch.live_root, MERKLE_HASH));
	SET(o, "records_from", json_u64(e->u.epoch.records_from));
	SET(o, "records_to", json_u64(e->u.epoch.records_to));
	SET(o, "records", json_hex(e->u.epoch.records, HASH_SIZE));
	SET(o, "raw_ns", json_u64(e->u.epoch.raw_ns));
	SET(o, "clock_offset_ns", json_integer(e->u.epoch.clock_offset_ns));
	SET(o, "clock_state", json_integer(e->u.epoch.clock_state));
	SET(o, "est_error_us", json_u64(e->u.epoch.est_error_us));
	SET(o, "size", json_u64(e->u.epoch.size));
	SET(o, "root", json_hex(e->u.epoch.root, MERKLE_HASH));
	SET(o, "next_pk", json_hex(e->u.epoch.next_pk, PK_SIZE));
}

static void set_gap(json_t *o, const struct entry *e)
{
	set_session(o, e->u.gap.n, e->u.gap.id);
	SET(o, "chunk", json_u64(e->u.gap.chunk));
	SET(o, "lost", json_u64(e->u.gap.lost));
	SET(o, "reason", json_integer(e->u.gap.reason));
}

static void set_fail(json_t *o, const struct entry *e)
{
	size_t len = strnlen(e->u.fail.text, ENTRY_TEXT_MAX);

	SET(o, "what", json_string(ledger_fail_word(e->u.fail.what)));
	SET(o, "error", json_integer(e->u.fail.error));
	SET(o, "n", e->u.fail.n != 0 ? json_u64(e->u.fail.n) : json_null());
	SET(o, "text", len > 0 ? json_stringn(e->u.fail.text, len) : json_null());
}

static void set_recover(json_t *o, const struct entry *e)
{
	SET(o, "torn", json_u64(e->u.recover.torn));
	SET(o, "opened", json_integer(e->u.recover.opened));
	SET(o, "closed", json_integer(e->u.recover.closed));
	SET(o, "clean", json_boolean(e->u.recover.clean));
	set_hex(o, "epoch_pk", e->u.recover.epoch_pk, PK_SIZE);
}

static void set_unrecorded(json_t *o, const struct entry *e)
{
	SET(o, "pid", json_integer(e->u.unrecorded.pid));
	SET(o, "tty_dev", json_integer(e->u.unrecorded.tty_dev));
	SET(o, "start_ticks", json_u64(e->u.unrecorded.start_ticks));
	SET(o, "salt", json_hex(e->u.unrecorded.salt, ENTRY_SALT));
	SET(o, "user", json_hex(e->u.unrecorded.user, HASH_SIZE));
}

static void set_access(json_t *o, const struct entry *e)
{
	SET(o, "salt", json_hex(e->u.access.salt, ENTRY_SALT));
	SET(o, "who", json_hex(e->u.access.who, HASH_SIZE));
	SET(o, "what", json_hex(e->u.access.what, HASH_SIZE));
	SET(o, "reason", json_hex(e->u.access.reason, HASH_SIZE));
}

static void set_review(json_t *o, const struct entry *e)
{
	set_session(o, e->u.review.n, e->u.review.id);
	SET(o, "verdict", json_integer(e->u.review.verdict));
	SET(o, "salt", json_hex(e->u.review.salt, ENTRY_SALT));
	SET(o, "who", json_hex(e->u.review.who, HASH_SIZE));
	SET(o, "text", json_hex(e->u.review.text, HASH_SIZE));
}

static void set_purge(json_t *o, const struct entry *e)
{
	set_session(o, e->u.purge.n, e->u.purge.id);
	SET(o, "chunks", json_u64(e->u.purge.chunks));
	SET(o, "bytes", json_u64(e->u.purge.bytes));
	SET(o, "why", json_string(e->u.purge.why == PURGE_RETENTION ? "retention" : "approval"));
	set_hex(o, "approval", e->u.purge.approval, HASH_SIZE);
}

static void set_body(json_t *o, const struct entry *e)
{
	switch (e->type) {
	case ENTRY_GENESIS:
		SET(o, "host_pk", json_hex(e->u.genesis.host_pk, PK_SIZE));
		SET(o, "epoch_pk", json_hex(e->u.genesis.epoch_pk, PK_SIZE));
		SET(o, "boot_id", json_hex(e->u.genesis.boot_id, BOOT_ID_SIZE));
		break;
	case ENTRY_BOOT:
		SET(o, "boot_id", json_hex(e->u.boot.boot_id, BOOT_ID_SIZE));
		break;
	case ENTRY_OPEN:
		set_session(o, e->u.open.n, e->u.open.id);
		SET(o, "cert", json_hex(e->u.open.cert, HASH_SIZE));
		break;
	case ENTRY_CLOSE:
		set_close(o, e);
		break;
	case ENTRY_EPOCH:
		set_epoch(o, e);
		break;
	case ENTRY_GAP:
		set_gap(o, e);
		break;
	case ENTRY_FAIL:
		set_fail(o, e);
		break;
	case ENTRY_RECOVER:
		set_recover(o, e);
		break;
	case ENTRY_UNRECORDED:
		set_unrecorded(o, e);
		break;
	case ENTRY_CLOCK:
		SET(o, "step_ns", json_integer(e->u.clock.step_ns));
		SET(o, "clock_state", json_integer(e->u.clock.clock_state));
		break;
	case ENTRY_CONFIG:
		SET(o, "what", json_string(ledger_config_word(e->u.config.what)));
		SET(o, "hash", json_hex(e->u.config.hash, HASH_SIZE));
		break;
	case ENTRY_ACCESS:
		set_access(o, e);
		break;
	case ENTRY_ACTION:
		set_access(o, e);
		SET(o, "n", e->u.action.n != 0 ? json_u64(e->u.action.n) : json_null());
		SET(o, "done", json_boolean(e->u.action.done == ACTION_DONE));
		break;
	case ENTRY_REVIEW:
		set_review(o, e);
		break;
	case ENTRY_PURGE:
		set_purge(o, e);
		break;
	case ENTRY_KEY:
		SET(o, "host_pk", json_hex(e->u.key.host_pk, PK_SIZE));
		break;
	default:
		break;
	}
}

static json_t *flag_words(uint16_t flags)
{
	json_t *words = json_array();

	if ((flags & ENTRY_F_LATE) != 0)
		json_array_append_new(words, json_string("late"));
	if ((flags & ENTRY_F_UNCERTIFIED) != 0)
		json_array_append_new(words, json_string("uncertified"));
	if ((flags & ENTRY_F_RECOVERED) != 0)
		json_array_append_new(words, json_string("recovered"));
	return words;
}

json_t *ledger_json(const struct entry *e)
{
	json_t *o = json_object();

	SET(o, "index", json_u64(e->index));
	SET(o, "type", json_string(entry_word(e->type)));
	SET(o, "time", json_time(e->wall_ns));
	SET(o, "boot_ns", json_u64(e->boot_ns));
	SET(o, "flags", flag_words(e->flags));
	set_body(o, e);
	return o;
}
