/* SPDX-License-Identifier: ISC */
#include "ledger/ledger_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "tty_name.h"

#define SHORT_ID 4 /* bytes of an id that are shown */
#define SECOND 1000000000

const char *ledger_fail_word(uint32_t what)
{
	static const char *const words[] = { "?", "store", "accounting", "spool", "sync", "space",
		"witness", "events" };

	return words[what < sizeof(words) / sizeof(words[0]) ? what : 0];
}

const char *ledger_config_word(uint32_t what)
{
	static const char *const words[] = { "?", "configuration", "witness policy", "plugin" };

	return words[what < sizeof(words) / sizeof(words[0]) ? what : 0];
}

/* "session 7 (0123abcd)" */
#define SESSION_MAX 48
static const char *session(char out[SESSION_MAX], uint64_t n, const uint8_t id[ID_SIZE])
{
	char hex[2 * SHORT_ID + 1];

	hex_put(hex, id, SHORT_ID);
	snprintf(out, SESSION_MAX, "session %" PRIu64 " (%s)", n, hex);
	return out;
}

static void genesis_text(char *out, const struct entry *e)
{
	uint8_t id[ID_SIZE];
	char hex[2 * ID_SIZE + 1];

	cert_host_id(id, e->u.genesis.host_pk);
	hex_put(hex, id, sizeof(id));
	snprintf(out, LEDGER_TEXT_MAX, "ledger of host %s", hex);
}

static void boot_text(char *out, const struct entry *e)
{
	char hex[2 * BOOT_ID_SIZE + 1];

	hex_put(hex, e->u.boot.boot_id, BOOT_ID_SIZE);
	snprintf(out, LEDGER_TEXT_MAX, "a collector began, boot %s", hex);
}

static void open_text(char *out, const struct entry *e)
{
	char s[SESSION_MAX];

	snprintf(out, LEDGER_TEXT_MAX, "%s%s%s%s", session(s, e->u.open.n, e->u.open.id),
	    (e->flags & ENTRY_F_LATE) != 0 ? ", began before it was registered" : "",
	    (e->flags & ENTRY_F_UNCERTIFIED) != 0 ? ", uncertified" : "",
	    (e->flags & ENTRY_F_RECOVERED) != 0 ? ", recovered" : "");
}

static void close_text(char *out, const struct entry *e)
{
	char s[SESSION_MAX], loose[48] = "";

	if (e->u.close.sealed != e->u.close.size)
		snprintf(loose, sizeof(loose), ", %" PRIu64 " unsealed",
		    e->u.close.size - e->u.close.sealed);
	snprintf(out, LEDGER_TEXT_MAX, "%s %s: %" PRIu64 " chunks, %" PRIu64 " bytes%s%s",
	    session(s, e->u.close.n, e->u.close.id),
	    e->u.close.end == ENTRY_END_WHOLE ? "ended" : "was cut", e->u.close.chunks,
	    e->u.close.size, loose, (e->flags & ENTRY_F_RECOVERED) != 0 ? ", recovered" : "");
}

static void epoch_text(char *out, const struct entry *e)
{
	snprintf(out, LEDGER_TEXT_MAX, "epoch %" PRIu64 ": %" PRIu32 " live, next session %" PRIu64
	    ", process records %" PRIu64 " to %" PRIu64, e->u.epoch.epoch, e->u.epoch.live,
	    e->u.epoch.next_n, e->u.epoch.records_from, e->u.epoch.records_to);
}

static void gap_text(char *out, const struct entry *e)
{
	char s[SESSION_MAX];

	snprintf(out, LEDGER_TEXT_MAX, "%s lost %" PRIu64 " bytes at chunk %" PRIu64,
	    session(s, e->u.gap.n, e->u.gap.id), e->u.gap.lost, e->u.gap.chunk);
}

static void fail_text(char *out, const struct entry *e)
{
	char of[48] = "";
	int len = (int)strnlen(e->u.fail.text, ENTRY_TEXT_MAX);

	if (e->u.fail.n != 0)
		snprintf(of, sizeof(of), " of session %" PRIu64, e->u.fail.n);
	snprintf(out, LEDGER_TEXT_MAX, "%s%s: %s%s%.*s", ledger_fail_word(e->u.fail.what), of,
	    e->u.fail.error != 0 ? err_text(e->u.fail.error) : "works again",
	    len > 0 ? ": " : "", len, e->u.fail.text);
}

static void recover_text(char *out, const struct entry *e)
{
	snprintf(out, LEDGER_TEXT_MAX, "the collector before %s; %" PRIu64 " torn bytes dropped, %"
	    PRIu32 " OPEN and %" PRIu32 " CLOSE follow%s",
	    e->u.recover.clean ? "had ended cleanly" : "was stopped short", e->u.recover.torn,
	    e->u.recover.opened, e->u.recover.closed,
	    all_zero(e->u.recover.epoch_pk, PK_SIZE) ? "" : "; NEW EPOCH KEY, the old one was lost");
}

static void unrecorded_text(char *out, const struct entry *e)
{
	uint32_t dev = e->u.unrecorded.tty_dev;
	char tty[TTY_NAME_SIZE];

	if (dev == 0) {
		snprintf(out, LEDGER_TEXT_MAX, "process %" PRIu32 ", a login without a terminal",
		    e->u.unrecorded.pid);
		return;
	}
	if (tty_name(tty, dev >> 20, dev & 0xfffff) != 0)
		snprintf(tty, sizeof(tty), "%" PRIu32 ":%" PRIu32, dev >> 20, dev & 0xfffff);
	snprintf(out, LEDGER_TEXT_MAX, "process %" PRIu32 " on %s", e->u.unrecorded.pid, tty);
}

static void clock_text(char *out, const struct entry *e)
{
	int64_t ns = e->u.clock.step_ns;
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	snprintf(out, LEDGER_TEXT_MAX, "the wall clock was set %s by %" PRIu64 ".%03" PRIu64 " s",
	    ns < 0 ? "back" : "forward", size / SECOND, size % SECOND / 1000000);
}

static void config_text(char *out, const struct entry *e)
{
	char hex[2 * SHORT_ID + 1];

	hex_put(hex, e->u.config.hash, SHORT_ID);
	snprintf(out, LEDGER_TEXT_MAX, "%s %s... is in force", ledger_config_word(e->u.config.what),
	    hex);
}

static void review_text(char *out, const struct entry *e)
{
	char s[SESSION_MAX];

	snprintf(out, LEDGER_TEXT_MAX, "%s, verdict %" PRIu32,
	    session(s, e->u.review.n, e->u.review.id), e->u.review.verdict);
}

static void purge_text(char *out, const struct entry *e)
{
	char s[SESSION_MAX];

	snprintf(out, LEDGER_TEXT_MAX, "%s: payload of %" PRIu64 " chunks, %" PRIu64 " bytes, %s",
	    session(s, e->u.purge.n, e->u.purge.id), e->u.purge.chunks, e->u.purge.bytes,
	    e->u.purge.why == PURGE_RETENTION ? "its time is over" : "approved");
}

static void key_text(char *out, const struct entry *e)
{
	char hex[2 * PK_SIZE + 1];

	hex_put(hex, e->u.key.host_pk, PK_SIZE);
	snprintf(out, LEDGER_TEXT_MAX, "the host has a new key, %.8s...", hex);
}

static void action_text(char *out, const struct entry *e)
{
	char of[48] = "";

	if (e->u.action.n != 0)
		snprintf(of, sizeof(of), " of session %" PRIu64, e->u.action.n);
	snprintf(out, LEDGER_TEXT_MAX, "a plugin asked for an action%s, which was %s", of,
	    e->u.action.done == ACTION_DONE ? "done" : "refused");
}

void ledger_text(char out[LEDGER_TEXT_MAX], const struct entry *e)
{
	static void (*const say[])(char *out, const struct entry *e) = {
		[ENTRY_GENESIS] = genesis_text, [ENTRY_BOOT] = boot_text,
		[ENTRY_OPEN] = open_text, [ENTRY_CLOSE] = close_text,
		[ENTRY_EPOCH] = epoch_text, [ENTRY_GAP] = gap_text,
		[ENTRY_FAIL] = fail_text, [ENTRY_RECOVER] = recover_text,
		[ENTRY_UNRECORDED] = unrecorded_text, [ENTRY_CLOCK] = clock_text,
		[ENTRY_CONFIG] = config_text, [ENTRY_REVIEW] = review_text,
		[ENTRY_PURGE] = purge_text, [ENTRY_KEY] = key_text,
		[ENTRY_ACTION] = action_text,
	};

	snprintf(out, LEDGER_TEXT_MAX, "somebody was let look");
	if (e->type < sizeof(say) / sizeof(say[0]) && say[e->type] != NULL)
		say[e->type](out, e);
}
