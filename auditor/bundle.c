/* SPDX-License-Identifier: ISC */
#include "bundle.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

uint64_t bundle_session_at(const struct bundle_head *h)
{
	uint64_t at = BUNDLE_HEADER;
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
	put_u64(p + 24, h->session);
}

int bundle_head_parse(struct bundle_head *h, const uint8_t p[BUNDLE_HEADER])
{
	struct bundle_head v;
	int i;

	if (memcmp(p, BUNDLE_MAGIC, 4) != 0 || p[4] != BUNDLE_VERSION || !all_zero(p + 5, 3) ||
	    !all_zero(p + 20, 4))
		return E_FORMAT;
	for (i = 0; i < BUNDLE_PROOFS; i++) {
		v.proof[i] = get_u32(p + 8 + 4 * i);
		if (v.proof[i] > TLOG_PROOF_MAX || (v.proof[i] == 0 && i != BUNDLE_EPOCH))
			return E_RANGE;
	}
	v.session = get_u64(p + 24);
	if (v.session > INT64_MAX)
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

int bundle_check(struct bundle_claim *c, const struct bundle_head *h, const uint8_t *p,
    const uint8_t host_pk[PK_SIZE])
{
	static const uint8_t types[BUNDLE_PROOFS] = { ENTRY_OPEN, ENTRY_CLOSE, ENTRY_EPOCH };
	char origin[NOTE_NAME_MAX + 1];
	struct bundle_claim v = { 0 };
	struct note_key log;
	struct entry e;
	int i, r;

	checkpoint_origin(origin, host_pk);
	if ((r = note_key_make(&log, origin, NOTE_ED25519, host_pk)) != 0)
		return r;
	for (i = 0; i < BUNDLE_PROOFS; i++) {
		if (h->proof[i] == 0)
			continue;
		if ((r = check_proof(&v, &e, types[i], p, h->proof[i], &log)) != 0 ||
		    (r = take(&v, &e)) != 0)
			return r;
		p += h->proof[i];
	}
	*c = v;
	return 0;
}
