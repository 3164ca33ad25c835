/* SPDX-License-Identifier: ISC */
#include "ledger_entry.h"

#include <sodium.h>

#include "bytes.h"
#include "err.h"

#define ENTRY_VERSION 1

/* Offsets: shellac-format(5), LEDGER. */
enum {
	AT_VERSION = 4,
	AT_TYPE = 5,
	AT_FLAGS = 6,
	AT_INDEX = 8,
	AT_WALL = 16,
	AT_BOOT = 24,
};

static const uint8_t magic[4] = { 'S', 'H', 'L', 'E' };

/* A field of a body: a number of 1, 4 or 8 bytes, or bytes as they are. */
struct field {
	uint16_t at;           /* in struct entry */
	uint8_t size;
	uint8_t number;
};

#define SIZE_OF(m) sizeof(((struct entry *)NULL)->u.m)
#define NUMBER(m) { offsetof(struct entry, u.m), SIZE_OF(m), 1 }
#define BYTES(m) { offsetof(struct entry, u.m), SIZE_OF(m), 0 }
#define FIELDS_MAX 15

/* What an entry of a type is: its fields in their order, the signatures last. */
static const struct layout {
	const char *word;
	unsigned fields;
	unsigned signatures;
	uint16_t flags;        /* those that it may have */
	struct field field[FIELDS_MAX];
} layouts[] = {
	[ENTRY_GENESIS] = { "GENESIS", 4, 1, 0,
	    { BYTES(genesis.host_pk), BYTES(genesis.epoch_pk), BYTES(genesis.boot_id),
	      BYTES(genesis.sig) } },
	[ENTRY_BOOT] = { "BOOT", 1, 0, 0, { BYTES(boot.boot_id) } },
	[ENTRY_OPEN] = { "OPEN", 3, 0, ENTRY_F_LATE | ENTRY_F_UNCERTIFIED | ENTRY_F_RECOVERED,
	    { NUMBER(open.n), BYTES(open.id), BYTES(open.cert) } },
	[ENTRY_CLOSE] = { "CLOSE", 8, 0, ENTRY_F_RECOVERED,
	    { NUMBER(close.n), BYTES(close.id), NUMBER(close.end), NUMBER(close.chunks),
	      BYTES(close.head), NUMBER(close.sealed), NUMBER(close.size), BYTES(close.tail) } },
	[ENTRY_EPOCH] = { "EPOCH", 15, 1, 0,
	    { NUMBER(epoch.epoch), NUMBER(epoch.next_n), NUMBER(epoch.live),
	      BYTES(epoch.live_root), NUMBER(epoch.records_from), NUMBER(epoch.records_to),
	      BYTES(epoch.records), NUMBER(epoch.raw_ns), NUMBER(epoch.clock_offset_ns),
	      NUMBER(epoch.clock_state), NUMBER(epoch.est_error_us), NUMBER(epoch.size),
	      BYTES(epoch.root), BYTES(epoch.next_pk), BYTES(epoch.sig) } },
	[ENTRY_GAP] = { "GAP", 5, 0, 0,
	    { NUMBER(gap.n), BYTES(gap.id), NUMBER(gap.chunk), NUMBER(gap.lost),
	      NUMBER(gap.reason) } },
	[ENTRY_FAIL] = { "FAIL", 4, 0, 0,
	    { NUMBER(fail.what), NUMBER(fail.error), NUMBER(fail.n), BYTES(fail.text) } },
	[ENTRY_RECOVER] = { "RECOVER", 6, 1, 0,
	    { NUMBER(recover.torn), NUMBER(recover.opened), NUMBER(recover.closed),
	      NUMBER(recover.clean), BYTES(recover.epoch_pk), BYTES(recover.sig) } },
	[ENTRY_UNRECORDED] = { "UNRECORDED", 5, 0, 0,
	    { NUMBER(unrecorded.pid), NUMBER(unrecorded.tty_dev), NUMBER(unrecorded.start_ticks),
	      BYTES(unrecorded.salt), BYTES(unrecorded.user) } },
	[ENTRY_CLOCK] = { "CLOCK", 2, 0, 0, { NUMBER(clock.step_ns), NUMBER(clock.clock_state) } },
	[ENTRY_CONFIG] = { "CONFIG", 2, 0, 0, { NUMBER(config.what), BYTES(config.hash) } },
	[ENTRY_ACCESS] = { "ACCESS", 4, 0, 0,
	    { BYTES(access.salt), BYTES(access.who), BYTES(access.what), BYTES(access.reason) } },
	[ENTRY_REVIEW] = { "REVIEW", 6, 0, 0,
	    { NUMBER(review.n), BYTES(review.id), NUMBER(review.verdict), BYTES(review.salt),
	      BYTES(review.who), BYTES(review.text) } },
	[ENTRY_PURGE] = { "PURGE", 6, 0, 0,
	    { NUMBER(purge.n), BYTES(purge.id), NUMBER(purge.chunks), NUMBER(purge.bytes),
	      NUMBER(purge.why), BYTES(purge.approval) } },
	[ENTRY_KEY] = { "KEY", 3, 2, 0,
	    { BYTES(key.host_pk), BYTES(key.old_sig), BYTES(key.new_sig) } },
	[ENTRY_ACTION] = { "ACTION", 6, 0, 0,
	    { BYTES(action.salt), BYTES(action.who), BYTES(action.what), BYTES(action.reason),
	      NUMBER(action.n), NUMBER(action.done) } },
};

static const struct layout *layout_of(uint8_t type)
{
	if (type >= sizeof(layouts) / sizeof(layouts[0]) || layouts[type].word == NULL)
		return NULL;
	return &layouts[type];
}

size_t entry_size(uint8_t type)
{
	const struct layout *l = layout_of(type);
	size_t size = ENTRY_HEADER;
	unsigned i;

	if (l == NULL)
		return 0;
	for (i = 0; i < l->fields; i++)
		size += l->field[i].size;
	return size;
}

const char *entry_word(uint8_t type)
{
	const struct layout *l = layout_of(type);

	return l != NULL ? l->word : "?";
}

static void field_put(uint8_t *p, const struct field *f, const struct entry *e)
{
	const uint8_t *from = (const uint8_t *)e + f->at;
	uint32_t v32;
	uint64_t v64;

	if (f->number && f->size == sizeof(v32)) {
		memcpy(&v32, from, sizeof(v32));
		put_u32(p, v32);
	} else if (f->number && f->size == sizeof(v64)) {
		memcpy(&v64, from, sizeof(v64));
		put_u64(p, v64);
	} else {
		memcpy(p, from, f->size);
	}
}

static void field_get(struct entry *e, const struct field *f, const uint8_t *p)
{
	uint8_t *to = (uint8_t *)e + f->at;
	uint32_t v32;
	uint64_t v64;

	if (f->number && f->size == sizeof(v32)) {
		v32 = get_u32(p);
		memcpy(to, &v32, sizeof(v32));
	} else if (f->number && f->size == sizeof(v64)) {
		v64 = get_u64(p);
		memcpy(to, &v64, sizeof(v64));
	} else {
		memcpy(to, p, f->size);
	}
}

size_t entry_put(uint8_t *p, const struct entry *e)
{
	const struct layout *l = layout_of(e->type);
	size_t at = ENTRY_HEADER;
	unsigned i;

	if (l == NULL)
		return 0;
	memcpy(p, magic, sizeof(magic));
	p[AT_VERSION] = ENTRY_VERSION;
	p[AT_TYPE] = e->type;
	put_u16(p + AT_FLAGS, e->flags);
	put_u64(p + AT_INDEX, e->index);
	put_u64(p + AT_WALL, (uint64_t)e->wall_ns);
	put_u64(p + AT_BOOT, e->boot_ns);
	for (i = 0; i < l->fields; i++) {
		field_put(p + at, &l->field[i], e);
		at += l->field[i].size;
	}
	return at;
}

/* Printable ASCII, then zero to the end. */
static int text_wrong(const char text[ENTRY_TEXT_MAX])
{
	size_t i = 0;

	while (i < ENTRY_TEXT_MAX && text[i] >= ' ' && text[i] <= '~')
		i++;
	return !all_zero((const uint8_t *)text + i, ENTRY_TEXT_MAX - i);
}

/* A stream that ends with END has all its bytes sealed. */
static int close_wrong(const struct entry *e)
{
	int none = e->u.close.chunks == 0;

	return e->u.close.n == 0 || e->u.close.sealed > e->u.close.size ||
	    none != (e->u.close.sealed == 0) ||
	    (e->u.close.end != ENTRY_END_WHOLE && e->u.close.end != ENTRY_END_CUT) ||
	    (e->u.close.end == ENTRY_END_WHOLE &&
	    (none || e->u.close.sealed != e->u.close.size));
}

static int epoch_wrong(const struct entry *e)
{
	return e->u.epoch.epoch == 0 || e->u.epoch.next_n == 0 ||
	    e->u.epoch.size != e->index || e->u.epoch.records_from > e->u.epoch.records_to;
}

static int recover_wrong(const struct entry *e)
{
	return e->u.recover.clean > 1 ||
	    (all_zero(e->u.recover.epoch_pk, PK_SIZE) && !all_zero(e->u.recover.sig, SIG_SIZE));
}

/* What is wrong about the entry's own fields, the flags apart. */
static int body_wrong(const struct entry *e)
{
	switch (e->type) {
	case ENTRY_OPEN:
		return e->u.open.n == 0;
	case ENTRY_CLOSE:
		return close_wrong(e);
	case ENTRY_EPOCH:
		return epoch_wrong(e);
	case ENTRY_GAP:
		return e->u.gap.n == 0 || e->u.gap.lost == 0 || e->u.gap.reason != GAP_NO_ROOM;
	case ENTRY_FAIL:
		return e->u.fail.what < FAIL_STORE || e->u.fail.what > FAIL_EVENTS ||
		    text_wrong(e->u.fail.text);
	case ENTRY_RECOVER:
		return recover_wrong(e);
	case ENTRY_CONFIG:
		return e->u.config.what < CONFIG_FILE || e->u.config.what > CONFIG_PLUGIN;
	case ENTRY_PURGE:
		return e->u.purge.n == 0 || e->u.purge.why < PURGE_RETENTION ||
		    e->u.purge.why > PURGE_APPROVAL;
	case ENTRY_ACTION:
		return e->u.action.done < ACTION_DONE || e->u.action.done > ACTION_REFUSED;
	default:
		return 0;
	}
}

/* Whoever ended before it was registered began before that. */
static int flags_wrong(const struct layout *l, uint16_t flags)
{
	return (flags & ~l->flags) != 0 ||
	    ((flags & ENTRY_F_UNCERTIFIED) != 0 && (flags & ENTRY_F_LATE) == 0);
}

static void header_get(struct entry *e, const uint8_t *p)
{
	e->type = p[AT_TYPE];
	e->flags = get_u16(p + AT_FLAGS);
	e->index = get_u64(p + AT_INDEX);
	e->wall_ns = (int64_t)get_u64(p + AT_WALL);
	e->boot_ns = get_u64(p + AT_BOOT);
}

int entry_parse(const uint8_t *p, size_t len, struct entry *e)
{
	const struct layout *l;
	struct entry v = { 0 };
	size_t at = ENTRY_HEADER, size;
	unsigned i;

	if (len < ENTRY_HEADER)
		return E_SHORT;
	l = layout_of(p[AT_TYPE]);
	if (memcmp(p, magic, sizeof(magic)) != 0 || p[AT_VERSION] != ENTRY_VERSION || l == NULL)
		return E_FORMAT;
	size = entry_size(p[AT_TYPE]);
	if (len != size)
		return len < size ? E_SHORT : E_RANGE;
	header_get(&v, p);
	for (i = 0; i < l->fields; i++) {
		field_get(&v, &l->field[i], p + at);
		at += l->field[i].size;
	}
	if (flags_wrong(l, v.flags) || (v.type == ENTRY_GENESIS) != (v.index == 0) ||
	    body_wrong(&v))
		return E_FORMAT;
	*e = v;
	return 0;
}

int entry_check_start(const uint8_t *p, size_t have, size_t len)
{
	if (len < ENTRY_HEADER || len > ENTRY_MAX)
		return E_RANGE;
	if (memcmp(p, magic, have < sizeof(magic) ? have : sizeof(magic)) != 0 ||
	    (have > AT_VERSION && p[AT_VERSION] != ENTRY_VERSION))
		return E_FORMAT;
	if (have > AT_TYPE && len != entry_size(p[AT_TYPE]))
		return layout_of(p[AT_TYPE]) != NULL ? E_RANGE : E_FORMAT;
	return 0;
}

/* The bytes that are signed, into a buffer of their own; their length. */
static size_t signed_bytes(uint8_t out[sizeof(ENTRY_SIGNED) + ENTRY_MAX], const uint8_t *p,
    size_t len)
{
	memcpy(out, ENTRY_SIGNED, sizeof(ENTRY_SIGNED));
	memcpy(out + sizeof(ENTRY_SIGNED), p, len);
	return sizeof(ENTRY_SIGNED) + len;
}

/* How many bytes at the end of the entry are signatures; 0 where it has none. */
static size_t signatures_len(const uint8_t *p, size_t len)
{
	const struct layout *l = len > ENTRY_HEADER ? layout_of(p[AT_TYPE]) : NULL;

	return l != NULL && len == entry_size(p[AT_TYPE]) ? l->signatures * SIG_SIZE : 0;
}

void entry_sign(uint8_t *p, size_t len, const uint8_t sk[SK_SIZE])
{
	uint8_t text[sizeof(ENTRY_SIGNED) + ENTRY_MAX];
	size_t sigs = signatures_len(p, len), at = len - sigs;

	if (sigs == 0)
		return;
	/* libsodium keeps the public half behind the secret one */
	if (p[AT_TYPE] == ENTRY_KEY && memcmp(sk + SK_SIZE - PK_SIZE, p + ENTRY_HEADER,
	    PK_SIZE) == 0)
		at += SIG_SIZE;
	crypto_sign_detached(p + at, NULL, text, signed_bytes(text, p, len - sigs), sk);
}

int entry_verify(const uint8_t *p, size_t len, const uint8_t pk[PK_SIZE])
{
	uint8_t text[sizeof(ENTRY_SIGNED) + ENTRY_MAX];
	size_t sigs = signatures_len(p, len), size;

	if (sigs == 0)
		return E_SIGNATURE;
	size = signed_bytes(text, p, len - sigs);
	if (crypto_sign_verify_detached(p + len - sigs, text, size, pk) != 0)
		return E_SIGNATURE;
	if (p[AT_TYPE] == ENTRY_KEY &&
	    crypto_sign_verify_detached(p + len - SIG_SIZE, text, size, p + ENTRY_HEADER) != 0)
		return E_SIGNATURE;
	return 0;
}

void live_row_put(uint8_t p[LIVE_ROW], const struct live_row *r)
{
	put_u64(p, r->n);
	memcpy(p + 8, r->id, ID_SIZE);
	put_u64(p + 24, r->chunks);
	memcpy(p + 32, r->head, HASH_SIZE);
}

void live_row_get(struct live_row *r, const uint8_t p[LIVE_ROW])
{
	r->n = get_u64(p);
	memcpy(r->id, p + 8, ID_SIZE);
	r->chunks = get_u64(p + 24);
	memcpy(r->head, p + 32, HASH_SIZE);
}
