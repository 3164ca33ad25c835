/* SPDX-License-Identifier: ISC */
/* The host's keys: what the ledger says of them, and a new one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "events.h"
#include "io.h"
#include "ledger_internal.h"
#include "log.h"
#include "notary.h"
#include "notary_keep.h"

#define KEYS_MAX ((size_t)HOST_CHAIN_MAX * (LEDGER_SIZE + ENTRY_MAX))

/* For one more. */
static int make_room(struct ledger *l)
{
	uint8_t *keys = realloc(l->keys, l->keys_len + LEDGER_SIZE + ENTRY_MAX);

	if (keys == NULL)
		return -ENOMEM;
	l->keys = keys;
	return host_chain_room(&l->c->keys);
}

/* There is room for it. */
static void take_key(struct ledger *l, const struct entry *e)
{
	uint8_t *p = l->keys + l->keys_len;
	size_t len = entry_put(p + LEDGER_SIZE, e);

	put_u16(p, (uint16_t)len);
	l->keys_len += LEDGER_SIZE + len;
	(void)host_chain_add(&l->c->keys, e->index, e->u.key.host_pk);
}

int ledger_keys_add(struct ledger *l, const struct entry *e)
{
	int r = make_room(l);

	if (r == 0)
		take_key(l, e);
	return r;
}

/* A cache: who reads it checks it, and what it lacks the log has. */
void ledger_keys_write(const struct ledger *l)
{
	uint8_t *found = NULL;
	size_t len = 0;
	int r;

	if (l->keys_len == 0)
		return;
	if (io_read_file(l->dir, LEDGER_KEYS, KEYS_MAX, &found, &len) == 0 && len == l->keys_len &&
	    memcmp(found, l->keys, len) == 0)
		r = 0;
	else
		r = io_replace_file(l->dir, LEDGER_KEYS, 0600, l->keys, l->keys_len);
	free(found);
	if (r != 0)
		log_error("%s/" LEDGER_DIR "/" LEDGER_KEYS ": %s; the next start writes it",
		    l->c->paths.store, err_text(r));
}

/* KEY, on disk.  While that is not so, nobody may decide between the two keys; once it is,
 * nothing may fail that leaves the old one in use. */
static int add_key(struct ledger *l)
{
	struct entry e = {.type = ENTRY_KEY};
	int r = make_room(l);

	if (r != 0)
		return r;
	l->c->key_open = 1;
	r = ledger_append_signed(l, &e);
	if (r == 0)
		r = ledger_sync_now(l);
	if (r == 0) {
		take_key(l, &e);
		events_entry(l->c->events, &e);
	}
	if (l->error == 0)
		l->c->key_open = 0;
	return r;
}

int ledger_new_key(struct ledger *l)
{
	struct collector *c = l->c;
	int r = ledger_settle(l);

	if (r == 0)
		r = add_key(l);
	if (r == -EPIPE)
		notary_keep_again(c);
	if (r != 0) {
		log_error("the host's key stays: %s", err_text(r));
		return r;
	}
	ledger_keys_write(l);
	r = notary_host_key(c->notary, host_chain_newest(&c->keys));
	if (r == -EPIPE) /* the next one begins with the new key */
		r = notary_keep_again(c);
	if (r != 0)
		log_error("the host has a new key, which cannot be used yet: %s", err_text(r));
	else
		log_info("the host has a new key, and the old one is wiped");
	return r;
}
