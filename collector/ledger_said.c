/* SPDX-License-Identifier: ISC */
/* What the collector says of itself, and what it is asked of its ledger. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "ledger_internal.h"
#include "log.h"

/* Errors of our own, and what a library says, may be longer than an entry has room. */
static void put_text(char out[ENTRY_TEXT_MAX], const char *text)
{
	size_t i;

	memset(out, 0, ENTRY_TEXT_MAX);
	for (i = 0; i < ENTRY_TEXT_MAX && text[i] != '\0'; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
}

void ledger_fail(struct ledger *l, enum entry_fail what, int error, uint64_t n, const char *text)
{
	struct entry e = {.type = ENTRY_FAIL};

	if (l == NULL || (n == 0 && error == 0 && l->failing[what] == 0))
		return;
	e.u.fail.what = what;
	e.u.fail.error = error;
	e.u.fail.n = n;
	put_text(e.u.fail.text, text);
	if (n == 0)
		l->failing[what] = error;
	ledger_say(l, &e);
}

void ledger_configured(struct ledger *l)
{
	struct entry e = {.type = ENTRY_CONFIG};
	int r;

	if (l == NULL)
		return;
	if (l->timer_source.added && (r = ledger_epoch_timer(l)) != 0)
		log_error("epoch_s cannot be taken (%s); the one from before stays", err_text(r));
	if (memcmp(l->config, l->c->policy, HASH_SIZE) == 0)
		return;
	memcpy(l->config, l->c->policy, HASH_SIZE);
	e.u.config.what = CONFIG_FILE;
	memcpy(e.u.config.hash, l->config, HASH_SIZE);
	ledger_say(l, &e);
}

void ledger_salted(uint8_t hash[HASH_SIZE], const uint8_t salt[ENTRY_SALT], const void *p,
    size_t len)
{
	struct hash h;

	hash_begin(&h);
	hash_add(&h, salt, ENTRY_SALT, p, len);
	hash_get(&h, hash);
}

void ledger_unrecorded(struct ledger *l, uint32_t pid, uint64_t start_ticks, uint32_t tty_dev,
    const char *user)
{
	struct entry e = {.type = ENTRY_UNRECORDED};

	if (l == NULL)
		return;
	e.u.unrecorded.pid = pid;
	e.u.unrecorded.tty_dev = tty_dev;
	e.u.unrecorded.start_ticks = start_ticks;
	randombytes_buf(e.u.unrecorded.salt, ENTRY_SALT);
	ledger_salted(e.u.unrecorded.user, e.u.unrecorded.salt, user, strlen(user));
	ledger_say(l, &e);
}

int ledger_is_open(const struct ledger *l, uint64_t n)
{
	return ledger_live_find(&l->live, n) != NULL;
}

int ledger_knows(const struct ledger *l, uint64_t n)
{
	return l->first_n != 0 && n >= l->first_n && n < l->next_n;
}

uint64_t ledger_number(const struct ledger *l)
{
	return l->next_n > 0 ? l->next_n - 1 : 0;
}

uint64_t ledger_size(const struct ledger *l)
{
	return l->tree.size;
}

uint64_t ledger_records(const struct ledger *l)
{
	return l->records_to;
}

/* Whole seconds since then, null where then is 0. */
static json_t *age(uint64_t boot_ns)
{
	return boot_ns != 0 ? json_integer((json_int_t)((clock_boot() - boot_ns) / 1000000000)) :
	    json_null();
}

json_t *ledger_status(const struct ledger *l)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:I, s:b, s:s}",
	    "size", (json_int_t)l->tree.size, "bytes", (json_int_t)l->offset,
	    "on_disk", (json_int_t)l->on_disk, "open", (json_int_t)l->live.open,
	    "epoch", (json_int_t)l->epoch,
	    "epoch_age_s", age(l->epoch_boot_ns),
	    "checkpoint", (json_int_t)l->checkpoint,
	    "checkpoint_age_s", age(l->checkpoint_boot_ns),
	    "owed", (json_int_t)(l->owes + l->dropped), "failed", l->error != 0,
	    "state", l->error != 0 ? err_text(l->error) : l->owes > 0 ? "waits" : "fine");
}
