/* SPDX-License-Identifier: ISC */
#include "host_chain.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "ledger_entry.h"
#include "ledger_file.h"

int host_chain_room(struct host_chain *c)
{
	return c->keys < HOST_CHAIN_MAX ?
	    array_room(&c->key, c->keys, &c->room, sizeof(*c->key)) : E_RANGE;
}

int host_chain_add(struct host_chain *c, uint64_t index, const uint8_t pk[PK_SIZE])
{
	int r = host_chain_room(c);

	if (r != 0)
		return r;
	c->key[c->keys].index = index;
	memcpy(c->key[c->keys++].pk, pk, PK_SIZE);
	return 0;
}

void host_chain_free(struct host_chain *c)
{
	free(c->key);
	*c = (struct host_chain){.keys = 0};
}

static int take(struct host_chain *c, const uint8_t *p, size_t len)
{
	struct entry e;
	int r = entry_parse(p, len, &e);

	if (r != 0)
		return r;
	if (e.type != ENTRY_KEY || e.index <= c->key[c->keys - 1].index)
		return E_CHAIN;
	if (entry_verify(p, len, c->key[c->keys - 1].pk) != 0)
		return E_SIGNATURE;
	return host_chain_add(c, e.index, e.u.key.host_pk);
}

int host_chain_read(struct host_chain *c, const uint8_t *p, size_t len)
{
	struct rest b = {.p = p, .len = len};
	const uint8_t *size, *raw;
	int r = 0;

	while (r == 0 && b.len > 0) {
		size = rest_take(&b, LEDGER_SIZE);
		raw = size != NULL ? rest_take(&b, get_u16(size)) : NULL;
		r = raw != NULL ? take(c, raw, get_u16(size)) : E_SHORT;
	}
	return r;
}

const uint8_t *host_chain_newest(const struct host_chain *c)
{
	return c->keys > 0 ? c->key[c->keys - 1].pk : NULL;
}

const struct host_chain_key *host_chain_at(const struct host_chain *c, uint64_t index)
{
	size_t i;

	for (i = c->keys; i-- > 0;)
		if (c->key[i].index < index)
			return &c->key[i];
	return NULL;
}

const uint8_t *host_chain_signer(const struct host_chain *c, const uint8_t *body, size_t len)
{
	size_t i;

	for (i = c->keys; i-- > 0;)
		if (cert_verify(body, len, c->key[i].pk) == 0)
			return c->key[i].pk;
	return NULL;
}

int host_chain_verify(const struct host_chain *c, const char *origin, const struct note *n,
    const struct checkpoint *cp, struct note_key *by)
{
	const struct host_chain_key *oldest = host_chain_at(c, cp->size > 0 ? cp->size : 1);
	struct note_key key;
	size_t i;
	int r = E_KEY;

	if (strcmp(cp->origin, origin) != 0)
		return E_FORMAT;
	for (i = c->keys; r == E_KEY && oldest != NULL && i-- > 0 && &c->key[i] >= oldest;) {
		r = note_key_make(&key, origin, NOTE_ED25519, c->key[i].pk);
		if (r == 0)
			r = note_verify(n, &key, NULL);
	}
	if (r == 0 && by != NULL)
		*by = key;
	return r;
}
