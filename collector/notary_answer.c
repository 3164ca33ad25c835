/* SPDX-License-Identifier: ISC */
#include "notary_serve.h"

#include <string.h>

#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "ledger_entry.h"
#include "notary_wire.h"

/* A certificate of this host, and not of a number from before. */
static int answer_cert(struct notary_state *s, const uint8_t *p, size_t len, uint8_t *out)
{
	uint8_t body[FRAME_BODY_MAX];
	const struct host_key_place *key = notary_host_used(&s->keys);
	struct cert c;
	int r;

	if (key == NULL)
		return E_KEY;
	if (len > sizeof(body) - SIG_SIZE)
		return E_RANGE;
	memcpy(body, p, len);
	memset(body + len, 0, SIG_SIZE);
	r = cert_parse(body, len + SIG_SIZE, &c);
	if (r != 0)
		return r;
	if (memcmp(c.host_id, s->host_id, ID_SIZE) != 0 || c.n < s->n)
		return E_REFUSED;
	cert_sign(body, len, key->sk);
	memcpy(out, body + len, SIG_SIZE);
	s->n = c.n;
	return SIG_SIZE;
}

/* Behind what was signed before; an epoch's end agrees with the checkpoint there. */
static int entry_allowed(const struct notary_state *s, const struct entry *e)
{
	if (e->index < s->index || e->index < s->key_index || e->index < s->last.size)
		return 0;
	switch (e->type) {
	case ENTRY_GENESIS:
		return e->index == 0;
	case ENTRY_RECOVER:
	case ENTRY_KEY:
		return 1;
	case ENTRY_EPOCH:
		return e->u.epoch.size == e->index && (e->index != s->last.size ||
		    memcmp(e->u.epoch.root, s->last.root, MERKLE_HASH) == 0);
	default:
		return 0;
	}
}

static void fill_keys(const struct notary_state *s, struct entry *e, const uint8_t next[PK_SIZE])
{
	if (e->type == ENTRY_GENESIS) {
		memcpy(e->u.genesis.host_pk, notary_host_used(&s->keys)->pk, PK_SIZE);
		memcpy(e->u.genesis.epoch_pk, next, PK_SIZE);
	} else if (e->type == ENTRY_RECOVER) {
		memcpy(e->u.recover.epoch_pk, next, PK_SIZE);
	} else {
		memcpy(e->u.epoch.next_pk, next, PK_SIZE);
	}
}

static const uint8_t *signature(const struct entry *e)
{
	return e->type == ENTRY_GENESIS ? e->u.genesis.sig :
	    e->type == ENTRY_RECOVER ? e->u.recover.sig : e->u.epoch.sig;
}

/* Both sign the same bytes: up to the first of the two signatures. */
static int answer_key(struct notary_state *s, struct entry *e, uint8_t *out)
{
	const struct host_key_place *used = notary_host_used(&s->keys), *next;
	uint8_t raw[ENTRY_MAX];
	size_t n;
	int r = notary_host_next(&s->keys, &next);

	if (r != 0)
		return r;
	memcpy(e->u.key.host_pk, next->pk, PK_SIZE);
	n = entry_put(raw, e);
	entry_sign(raw, n, used->sk);
	entry_sign(raw, n, next->sk);
	r = entry_parse(raw, n, e);
	if (r != 0)
		return r;
	s->key_index = e->index;
	memcpy(out, next->pk, PK_SIZE);
	memcpy(out + PK_SIZE, e->u.key.old_sig, SIG_SIZE);
	memcpy(out + PK_SIZE + SIG_SIZE, e->u.key.new_sig, SIG_SIZE);
	return PK_SIZE + 2 * SIG_SIZE;
}

/* GENESIS, RECOVER or EPOCH. */
static int answer_chain(struct notary_state *s, struct entry *e, uint8_t *out)
{
	const struct host_key_place *host = notary_host_used(&s->keys);
	const struct epoch_key *used = notary_key_used(&s->keys), *next;
	uint8_t raw[ENTRY_MAX];
	size_t n;
	int r;

	if (host == NULL || (e->type == ENTRY_EPOCH && used == NULL) ||
	    (e->type == ENTRY_GENESIS && memcmp(host->pk, s->keys.host.first_pk, PK_SIZE) != 0))
		return E_KEY;
	if (e->type == ENTRY_EPOCH && s->announced)
		return E_REFUSED;
	r = notary_key_next(&s->keys, &next);
	if (r != 0)
		return r;
	fill_keys(s, e, next->pk);
	n = entry_put(raw, e);
	entry_sign(raw, n, e->type == ENTRY_EPOCH ? used->sk : host->sk);
	r = entry_parse(raw, n, e);
	if (r != 0)
		return r;
	s->index = e->index;
	s->announced = 1;
	memcpy(out, next->pk, PK_SIZE);
	memcpy(out + PK_SIZE, signature(e), SIG_SIZE);
	return PK_SIZE + SIG_SIZE;
}

static int answer_entry(struct notary_state *s, const uint8_t *p, size_t len, uint8_t *out)
{
	struct entry e;
	int r = entry_parse(p, len, &e);

	if (r != 0)
		return r;
	if (!entry_allowed(s, &e))
		return E_REFUSED;
	return e.type == ENTRY_KEY ? answer_key(s, &e, out) : answer_chain(s, &e, out);
}

/* The ledger goes on with the next key: the one before it is to be no more. */
static int advance(struct notary_state *s)
{
	int r = notary_key_advance(&s->keys);

	if (r == 0)
		s->announced = 0;
	return r;
}

/* What the ledger has on disk says which of the two it is. */
static int answer_epoch_key(struct notary_state *s, const uint8_t pk[PK_SIZE])
{
	const struct epoch_key *used = notary_key_used(&s->keys);

	if (used != NULL && memcmp(used->pk, pk, PK_SIZE) == 0)
		return 0;
	return notary_key_is_next(&s->keys, pk) ? advance(s) : E_KEY;
}

/* The text is ours, and never says less than one before, or something else. */
static int answer_checkpoint(struct notary_state *s, const uint8_t *p, char *out)
{
	const struct host_key_place *host = notary_host_used(&s->keys);
	struct checkpoint c = {.size = get_u64(p)};
	struct note_key key;
	int r, len;

	if (host == NULL)
		return E_KEY;
	memcpy(c.root, p + 8, MERKLE_HASH);
	if (c.size == 0 || c.size < s->last.size ||
	    (c.size == s->last.size && memcmp(c.root, s->last.root, MERKLE_HASH) != 0))
		return E_REFUSED;
	if (s->announced && c.size > s->index && (r = advance(s)) != 0)
		return r;
	checkpoint_origin(c.origin, s->keys.host.first_pk);
	r = note_key_make(&key, c.origin, NOTE_ED25519, host->pk);
	if (r != 0)
		return r;
	len = checkpoint_format(out, &c);
	if (len < 0)
		return len;
	out[len] = '\n';
	r = note_sign(out + len + 1, out, (size_t)len, &key, host->sk, 0);
	if (r < 0)
		return r;
	s->last = c;
	return len + 1 + r;
}

size_t notary_answer(struct notary_state *s, const uint8_t *p, size_t len, uint8_t *out)
{
	uint8_t *body = out + NOTARY_STATUS;
	int r = E_FORMAT;

	if (len > 0 && p[0] == NOTARY_CERT)
		r = answer_cert(s, p + 1, len - 1, body);
	else if (len > 0 && p[0] == NOTARY_ENTRY)
		r = answer_entry(s, p + 1, len - 1, body);
	else if (len == 1 + PK_SIZE && p[0] == NOTARY_EPOCH_KEY)
		r = answer_epoch_key(s, p + 1);
	else if (len == 1 + NOTARY_STATE && p[0] == NOTARY_CHECKPOINT)
		r = answer_checkpoint(s, p + 1, (char *)body);
	else if (len == 1 + PK_SIZE && p[0] == NOTARY_HOST_KEY)
		r = notary_host_settle(&s->keys, p + 1);
	put_u32(out, r < 0 ? (uint32_t)r : 0);
	return NOTARY_STATUS + (r < 0 ? 0 : (size_t)r);
}
