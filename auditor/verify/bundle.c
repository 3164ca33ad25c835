/* SPDX-License-Identifier: ISC */
#include "verify/bundle.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

#define KEYS_BYTES_MAX (BUNDLE_KEYS_MAX * (BUNDLE_KEY_SIZE + TLOG_PROOF_MAX))

uint64_t bundle_session_at(const struct bundle_head *h)
{
	uint64_t at = BUNDLE_HEADER + (uint64_t)h->keys;
	int i;

	for (i = 0; i < BUNDLE_PROOFS; i++)
		at += h->proof[i];
	return at;
}

void bundle_head_put(uint8_t p[BUNDLE_HEADER], const struct bundle_head *h)
{
	int i;

	memset(p, 0, BUNDLE_HEADER);
	memcpy(p, BUNDLE_MAGIC, 4);
	p[4] = BUNDLE_VERSION;
	for (i = 0; i < BUNDLE_PROOFS; i++)
		put_u32(p + 8 + 4 * i, h->proof[i]);
	put_u32(p + 20, h->keys);
	put_u64(p + 24, h->session);
}

int bundle_head_parse(struct bundle_head *h, const uint8_t p[BUNDLE_HEADER])
{
	struct bundle_head v;
	int i;

	if (memcmp(p, BUNDLE_MAGIC, 4) != 0 || p[4] != BUNDLE_VERSION || !all_zero(p + 5, 3))
		return E_FORMAT;
	for (i = 0; i < BUNDLE_PROOFS; i++) {
		v.proof[i] = get_u32(p + 8 + 4 * i);
		if (v.proof[i] > TLOG_PROOF_MAX || (v.proof[i] == 0 && i != BUNDLE_EPOCH))
			return E_RANGE;
	}
	v.keys = get_u32(p + 20);
	v.session = get_u64(p + 24);
	if (v.session > INT64_MAX || v.keys > KEYS_BYTES_MAX)
		return E_RANGE;
	*h = v;
	return 0;
}

/* A proof whose extra is the entry that it proves, of this type; all have the note of
 * the first. */
static int check_proof(struct bundle_claim *c, struct entry *e, uint8_t type, const uint8_t *p,
    size_t len, const struct note_key *log)
{
	uint8_t leaf[MERKLE_HASH];
	struct tlog_proof proof;
	int r;

	if ((r = tlog_proof_parse(&proof, (const char *)p, len)) != 0 ||
	    (r = entry_parse(proof.extra, proof.extra_len, e)) != 0)
		return r;
	if (e->type != type || e->index != proof.index)
		return E_CHAIN;
	if (c->raw == NULL) {
		c->raw = proof.note;
		c->raw_len = proof.note_len;
	}
	if (proof.note_len != c->raw_len || memcmp(proof.note, c->raw, c->raw_len) != 0)
		return E_CHAIN;
	merkle_leaf(leaf, proof.extra, proof.extra_len);
	return tlog_proof_check(&proof, leaf, log, &c->note, &c->checkpoint);
}

static int check_epoch(struct bundle_claim *c, const struct entry *e)
{
	if (e->index <= c->expect.close || e->u.epoch.size != e->index)
		return E_CHAIN;
	c->have_epoch = 1;
	c->epoch = e->index;
	return 0;
}

static int take(struct bundle_claim *c, const struct entry *e)
{
	struct expect *x = &c->expect;

	switch (e->type) {
	case ENTRY_OPEN:
		expect_open(x, e);
		return 0;
	case ENTRY_CLOSE:
		if (e->u.close.n != x->n || memcmp(e->u.close.id, x->id, ID_SIZE) != 0 ||
		    e->index <= x->open)
			return E_CHAIN;
		expect_close(x, e);
		return 0;
	default:
		return check_epoch(c, e);
	}
}

/* The proof that comes next among those of keys: its length, 0 at the end, E_SHORT. */
static int next_key(struct rest *b, const uint8_t **p)
{
	const uint8_t *size;

	if (b->len == 0)
		return 0;
	size = rest_take(b, BUNDLE_KEY_SIZE);
	if (size == NULL || get_u32(size) > TLOG_PROOF_MAX)
		return E_SHORT;
	*p = rest_take(b, get_u32(size));
	return *p != NULL ? (int)get_u32(size) : E_SHORT;
}

/* What the entries say of the host's keys, each of which signs the next.  Whether they are
 * in the tree is seen later. */
static int take_key(struct host_chain *keys, const uint8_t *p, size_t len)
{
	struct tlog_proof proof;
	struct entry e;
	int r;

	if ((r = tlog_proof_parse(&proof, (const char *)p, len)) != 0 ||
	    (r = entry_parse(proof.extra, proof.extra_len, &e)) != 0)
		return r;
	if (keys->keys == BUNDLE_KEYS_MAX)
		return E_RANGE;
	if (e.type != (keys->keys == 0 ? ENTRY_GENESIS : ENTRY_KEY) ||
	    (keys->keys > 0 && e.index <= keys->key[keys->keys - 1].index))
		return E_CHAIN;
	if (entry_verify(proof.extra, proof.extra_len, keys->keys == 0 ? e.u.genesis.host_pk :
	    host_chain_newest(keys)) != 0)
		return E_SIGNATURE;
	return host_chain_add(keys, e.index, keys->keys == 0 ? e.u.genesis.host_pk :
	    e.u.key.host_pk);
}

/* Is the key that is known one of these, and the host's id that of the first? */
static int check_known(struct bundle_claim *c, const struct host_chain *keys,
    const uint8_t host_pk[PK_SIZE], const uint8_t *host_id)
{
	size_t i = 0;

	while (i < keys->keys && memcmp(keys->key[i].pk, host_pk, PK_SIZE) != 0)
		i++;
	if (i == keys->keys)
		return E_KEY;
	cert_host_id(c->host_id, keys->key[0].pk);
	return host_id == NULL || memcmp(c->host_id, host_id, ID_SIZE) == 0 ? 0 : E_KEY;
}

/* The host's keys: those that are proved, or the one that is known. */
static int read_keys(struct bundle_claim *c, struct host_chain *keys, struct rest b,
    const uint8_t host_pk[PK_SIZE], const uint8_t *host_id)
{
	const uint8_t *p;
	int n, r = 0;

	if (b.len == 0)
		r = host_chain_add(keys, 0, host_pk);
	while (r == 0 && (n = next_key(&b, &p)) != 0)
		r = n < 0 ? n : take_key(keys, p, (size_t)n);
	return r != 0 ? r : check_known(c, keys, host_pk, host_id);
}

/* Whose signature counts under the checkpoint that all proofs have: that of the first. */
static int find_log(const struct bundle_claim *c, const struct host_chain *keys,
    const uint8_t *p, size_t len, struct note_key *log)
{
	char origin[NOTE_NAME_MAX + 1];
	struct tlog_proof proof;
	struct checkpoint cp;
	struct note n;
	int r;

	checkpoint_origin_id(origin, c->host_id);
	if ((r = tlog_proof_parse(&proof, (const char *)p, len)) != 0 ||
	    (r = note_parse(&n, proof.note, proof.note_len)) != 0 ||
	    (r = checkpoint_parse(&cp, n.text, n.text_len)) != 0)
		return r;
	r = host_chain_verify(keys, origin, &n, &cp, log);
	return r == E_FORMAT ? E_KEY : r;
}

static int check_keys(struct bundle_claim *c, struct rest b, const struct note_key *log)
{
	uint8_t type = ENTRY_GENESIS;
	const uint8_t *p;
	struct entry e;
	int n, r = 0;

	while (r == 0 && (n = next_key(&b, &p)) > 0) {
		r = check_proof(c, &e, type, p, (size_t)n, log);
		type = ENTRY_KEY;
	}
	return r;
}

static int check_all(struct bundle_claim *c, const struct bundle_head *h, const uint8_t *p,
    struct rest keys, const struct note_key *log)
{
	static const uint8_t types[BUNDLE_PROOFS] = { ENTRY_OPEN, ENTRY_CLOSE, ENTRY_EPOCH };
	struct entry e;
	int i, r;

	for (i = 0; i < BUNDLE_PROOFS; i++) {
		if (h->proof[i] == 0)
			continue;
		if ((r = check_proof(c, &e, types[i], p, h->proof[i], log)) != 0 ||
		    (r = take(c, &e)) != 0)
			return r;
		p += h->proof[i];
	}
	return check_keys(c, keys, log);
}

int bundle_check(struct bundle_claim *c, const struct bundle_head *h, const uint8_t *p,
    const uint8_t host_pk[PK_SIZE], const uint8_t *host_id)
{
	size_t at = (size_t)(bundle_session_at(h) - BUNDLE_HEADER) - h->keys;
	const struct rest named = { .p = p + at, .len = h->keys };
	struct host_chain keys = { .keys = 0 };
	struct bundle_claim v = { 0 };
	struct note_key log;
	int r;

	if ((r = read_keys(&v, &keys, named, host_pk, host_id)) == 0 &&
	    (r = find_log(&v, &keys, p, h->proof[BUNDLE_OPEN], &log)) == 0)
		r = check_all(&v, h, p, named, &log);
	if (r == 0) {
		memcpy(v.host_pk, host_chain_at(&keys, v.expect.open)->pk, PK_SIZE);
		*c = v;
	}
	host_chain_free(&keys);
	return r;
}
