/* SPDX-License-Identifier: ISC */
#include "cert.h"

#include <sodium.h>

#include "bytes.h"
#include "err.h"

#define CERT_VERSION 1

/* Offsets: shellac-format(5), CERTIFICATE. */
enum {
	AT_VERSION = 4,
	AT_ZERO = 5,
	AT_FLAGS = 6,
	AT_N = 8,
	AT_ID = 16,
	AT_PK = 32,
	AT_HOST_ID = 64,
	AT_BOOT_ID = 80,
	AT_WALL = 96,
	AT_BOOT = 104,
	AT_PID = 112,
	AT_UID = 116,
	AT_GID = 120,
	AT_LOGINUID = 124,
	AT_AUDIT_SESSION = 128,
	AT_TTY_DEV = 132,
	AT_START = 136,
	AT_POLICY = 144,
	AT_CHECKPOINT = 176,
	AT_STRINGS = 208,
};

static const uint8_t magic[4] = { 'S', 'H', 'C', 'T' };

/* A place in a body that is written; len stays FRAME_BODY_MAX once full. */
struct out {
	uint8_t *p;
	size_t len;
	int full;
};

static uint8_t *out_room(struct out *o, size_t len)
{
	uint8_t *p = o->p + o->len;

	if (o->full || len > FRAME_BODY_MAX - o->len) {
		o->full = 1;
		return NULL;
	}
	o->len += len;
	return p;
}

static void put_string(struct out *o, const char *s, size_t max)
{
	size_t len = strnlen(s, max + 1);
	uint8_t *p = len <= max ? out_room(o, 2 + len) : NULL;

	if (p == NULL) {
		o->full = 1;
		return;
	}
	put_u16(p, (uint16_t)len);
	memcpy(p + 2, s, len);
}

static void put_ancestor(struct out *o, const struct ancestor *a)
{
	uint8_t *p = out_room(o, 12);

	if (p == NULL)
		return;
	put_u32(p, a->pid);
	put_u64(p + 4, a->start_ticks);
	put_string(o, a->comm, CERT_COMM_MAX);
}

static void put_fixed(uint8_t *p, const struct cert *c)
{
	memcpy(p, magic, sizeof(magic));
	p[AT_VERSION] = CERT_VERSION;
	p[AT_ZERO] = 0;
	put_u16(p + AT_FLAGS, c->flags);
	put_u64(p + AT_N, c->n);
	memcpy(p + AT_ID, c->id, ID_SIZE);
	memcpy(p + AT_PK, c->pk, PK_SIZE);
	memcpy(p + AT_HOST_ID, c->host_id, ID_SIZE);
	memcpy(p + AT_BOOT_ID, c->boot_id, BOOT_ID_SIZE);
	put_u64(p + AT_WALL, (uint64_t)c->wall_ns);
	put_u64(p + AT_BOOT, c->boot_ns);
	put_u32(p + AT_PID, c->pid);
	put_u32(p + AT_UID, c->uid);
	put_u32(p + AT_GID, c->gid);
	put_u32(p + AT_LOGINUID, c->loginuid);
	put_u32(p + AT_AUDIT_SESSION, c->audit_session);
	put_u32(p + AT_TTY_DEV, c->tty_dev);
	put_u64(p + AT_START, c->start_ticks);
	memcpy(p + AT_POLICY, c->policy, HASH_SIZE);
	memcpy(p + AT_CHECKPOINT, c->checkpoint, HASH_SIZE);
}

/* What nobody attested began without a collector; who was not there then does not
 * know what was shown. */
static int cert_flags_wrong(uint16_t flags)
{
	return (flags & ~CERT_F_KNOWN) != 0 ||
	    ((flags & CERT_F_CLAIMED) != 0 && (flags & CERT_F_LATE) == 0) ||
	    ((flags & CERT_F_NOTICE) != 0 && (flags & CERT_F_LATE) != 0);
}

int cert_put_body(uint8_t *p, const struct cert *c)
{
	struct out o = { .p = p, .len = AT_STRINGS };
	uint8_t *q;
	unsigned i;

	if (c->ancestors > CERT_ANCESTORS_MAX || c->n == 0 || cert_flags_wrong(c->flags))
		return E_RANGE;
	put_fixed(p, c);
	put_string(&o, c->host, CERT_HOST_MAX);
	put_string(&o, c->user, CERT_USER_MAX);
	put_string(&o, c->tty, CERT_TTY_MAX);
	put_string(&o, c->from, CERT_FROM_MAX);
	put_string(&o, c->cwd, CERT_CWD_MAX);
	if ((q = out_room(&o, 1)) != NULL)
		*q = (uint8_t)c->ancestors;
	for (i = 0; i < c->ancestors; i++)
		put_ancestor(&o, &c->ancestor[i]);
	if ((c->flags & CERT_F_NOTICE) != 0 && (q = out_room(&o, HASH_SIZE)) != NULL)
		memcpy(q, c->notice, HASH_SIZE);
	q = out_room(&o, SIG_SIZE);
	if (q == NULL || o.full)
		return E_RANGE;
	return (int)(o.len - SIG_SIZE);
}

void cert_sign(uint8_t *p, size_t len, const uint8_t host_sk[SK_SIZE])
{
	crypto_sign_detached(p + len, NULL, p, len, host_sk);
}

int cert_put(uint8_t *p, const struct cert *c, const uint8_t host_sk[SK_SIZE])
{
	int r = cert_put_body(p, c);

	if (r < 0)
		return r;
	cert_sign(p, (size_t)r, host_sk);
	return r + SIG_SIZE;
}

static int get_string(struct rest *b, char *s, size_t max)
{
	const uint8_t *p = rest_take(b, 2);
	size_t len;

	if (p == NULL)
		return E_SHORT;
	len = get_u16(p);
	if (len > max)
		return E_RANGE;
	p = rest_take(b, len);
	if (p == NULL)
		return E_SHORT;
	if (memchr(p, 0, len) != NULL)
		return E_FORMAT;
	memcpy(s, p, len);
	s[len] = '\0';
	return 0;
}

static int get_ancestor(struct rest *b, struct ancestor *a)
{
	const uint8_t *p = rest_take(b, 12);

	if (p == NULL)
		return E_SHORT;
	a->pid = get_u32(p);
	a->start_ticks = get_u64(p + 4);
	return get_string(b, a->comm, CERT_COMM_MAX);
}

static int get_fixed(struct rest *b, struct cert *c)
{
	const uint8_t *p = rest_take(b, AT_STRINGS);

	if (p == NULL)
		return E_SHORT;
	if (memcmp(p, magic, sizeof(magic)) != 0 || p[AT_VERSION] != CERT_VERSION ||
	    p[AT_ZERO] != 0)
		return E_FORMAT;
	c->flags = get_u16(p + AT_FLAGS);
	c->n = get_u64(p + AT_N);
	memcpy(c->id, p + AT_ID, ID_SIZE);
	memcpy(c->pk, p + AT_PK, PK_SIZE);
	memcpy(c->host_id, p + AT_HOST_ID, ID_SIZE);
	memcpy(c->boot_id, p + AT_BOOT_ID, BOOT_ID_SIZE);
	c->wall_ns = (int64_t)get_u64(p + AT_WALL);
	c->boot_ns = get_u64(p + AT_BOOT);
	c->pid = get_u32(p + AT_PID);
	c->uid = get_u32(p + AT_UID);
	c->gid = get_u32(p + AT_GID);
	c->loginuid = get_u32(p + AT_LOGINUID);
	c->audit_session = get_u32(p + AT_AUDIT_SESSION);
	c->tty_dev = get_u32(p + AT_TTY_DEV);
	c->start_ticks = get_u64(p + AT_START);
	memcpy(c->policy, p + AT_POLICY, HASH_SIZE);
	memcpy(c->checkpoint, p + AT_CHECKPOINT, HASH_SIZE);
	return !cert_flags_wrong(c->flags) && c->n > 0 ? 0 : E_FORMAT;
}

static int get_ancestors(struct rest *b, struct cert *c)
{
	const uint8_t *p = rest_take(b, 1);
	unsigned i;
	int r;

	if (p == NULL)
		return E_SHORT;
	if (*p > CERT_ANCESTORS_MAX)
		return E_RANGE;
	c->ancestors = *p;
	for (i = 0; i < c->ancestors; i++)
		if ((r = get_ancestor(b, &c->ancestor[i])) != 0)
			return r;
	return 0;
}

static int get_notice(struct rest *b, struct cert *c)
{
	const uint8_t *p;

	if ((c->flags & CERT_F_NOTICE) == 0)
		return 0;
	p = rest_take(b, HASH_SIZE);
	if (p == NULL)
		return E_SHORT;
	memcpy(c->notice, p, HASH_SIZE);
	return 0;
}

int cert_parse(const uint8_t *p, size_t len, struct cert *c)
{
	struct rest b = { .p = p, .len = len };
	struct cert v = { 0 };
	int r;

	if (len > FRAME_BODY_MAX)
		return E_RANGE;
	if ((r = get_fixed(&b, &v)) != 0 || (r = get_string(&b, v.host, CERT_HOST_MAX)) != 0 ||
	    (r = get_string(&b, v.user, CERT_USER_MAX)) != 0 ||
	    (r = get_string(&b, v.tty, CERT_TTY_MAX)) != 0 ||
	    (r = get_string(&b, v.from, CERT_FROM_MAX)) != 0 ||
	    (r = get_string(&b, v.cwd, CERT_CWD_MAX)) != 0 || (r = get_ancestors(&b, &v)) != 0 ||
	    (r = get_notice(&b, &v)) != 0)
		return r;
	if (b.len != SIG_SIZE)
		return b.len < SIG_SIZE ? E_SHORT : E_FORMAT;
	*c = v;
	return 0;
}

int cert_verify(const uint8_t *p, size_t len, const uint8_t host_pk[PK_SIZE])
{
	if (len < SIG_SIZE ||
	    crypto_sign_verify_detached(p + len - SIG_SIZE, p, len - SIG_SIZE, host_pk) != 0)
		return E_SIGNATURE;
	return 0;
}

void cert_host_id(uint8_t id[ID_SIZE], const uint8_t host_pk[PK_SIZE])
{
	uint8_t hash[HASH_SIZE];

	hash_of(hash, host_pk, PK_SIZE);
	memcpy(id, hash, ID_SIZE);
}
