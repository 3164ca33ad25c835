/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "cert.h"
#include "err.h"

static const uint8_t magic[5] = { 'S', 'H', 'R', 'G', 1 };

#define VERSIONS_SIZE 6
#define REGISTER_VERSIONS (ID_SIZE + PK_SIZE + 2)
#define REGISTER_SIZE (REGISTER_VERSIONS + VERSIONS_SIZE)
#define RESUME_SIZE (ID_SIZE + VERSIONS_SIZE + 2)
#define REFUSED_MIN 2

static int is_first_version(const struct message *m)
{
	return m->version < 2;
}

static void put_versions(uint8_t *p, const struct message *m)
{
	if (is_first_version(m))
		return;
	put_u16(p, m->version);
	put_u16(p + 2, m->oldest);
}

static size_t put_resume(uint8_t *p, const struct message *m)
{
	memset(p, 0, RESUME_SIZE);
	memcpy(p, m->id, ID_SIZE);
	put_versions(p + ID_SIZE, m);
	return is_first_version(m) ? ID_SIZE : RESUME_SIZE;
}

static size_t put_body(uint8_t *p, const struct message *m)
{
	size_t len;

	switch (m->type) {
	case MSG_REGISTER:
		memset(p, 0, REGISTER_SIZE);
		memcpy(p, m->id, ID_SIZE);
		memcpy(p + ID_SIZE, m->pk, PK_SIZE);
		put_u16(p + ID_SIZE + PK_SIZE, m->flags);
		put_versions(p + REGISTER_VERSIONS, m);
		return REGISTER_SIZE;
	case MSG_RESUME:
		return put_resume(p, m);
	case MSG_CERTIFICATE:
		assert(m->cert_len > 0 && m->cert_len <= MESSAGE_BODY_MAX);
		memcpy(p, m->cert, m->cert_len);
		return m->cert_len;
	case MSG_SPOOLED:
		put_u64(p, m->length);
		put_u64(p + 8, m->generation);
		return 16;
	case MSG_ACK:
	case MSG_DRAINED:
		put_u64(p, m->frame);
		return 8;
	case MSG_REFUSED:
		len = strnlen(m->text, MESSAGE_TEXT_MAX);
		put_u16(p, m->code);
		memcpy(p + REFUSED_MIN, m->text, len);
		return REFUSED_MIN + len;
	default:
		assert(m->type == MSG_PROBE || m->type == MSG_HURRY || m->type == MSG_READY ||
		    m->type == MSG_SLOW || m->type == MSG_HANG_UP || m->type == MSG_HOLD ||
		    m->type == MSG_GO_ON);
		return 0;
	}
}

size_t message_put(uint8_t *p, const struct message *m)
{
	size_t len = put_body(p + MESSAGE_HEADER, m);

	memcpy(p, magic, sizeof(magic));
	p[5] = m->type;
	put_u16(p + 6, (uint16_t)len);
	return MESSAGE_HEADER + len;
}

/* The first version has zeros in their place. */
static int parse_versions(const uint8_t *p, struct message *m)
{
	m->version = get_u16(p);
	m->oldest = get_u16(p + 2);
	if (m->version == 0 && m->oldest == 0)
		m->version = m->oldest = 1;
	else if (m->version < 2 || m->oldest < 1 || m->oldest > m->version)
		return E_FORMAT;
	return m->version > MESSAGE_VERSION || all_zero(p + 4, 2) ? 0 : E_FORMAT;
}

static int parse_register(const uint8_t *p, size_t len, struct message *m)
{
	int r;

	if (len < REGISTER_SIZE)
		return E_RANGE;
	memcpy(m->id, p, ID_SIZE);
	if ((r = parse_versions(p + REGISTER_VERSIONS, m)) != 0 || m->version > MESSAGE_VERSION)
		return r;
	memcpy(m->pk, p + ID_SIZE, PK_SIZE);
	m->flags = get_u16(p + ID_SIZE + PK_SIZE);
	if (len != REGISTER_SIZE)
		return E_RANGE;
	return (m->flags & ~(CERT_F_TERMINAL | CERT_F_LATE)) != 0 ? E_FORMAT : 0;
}

static int parse_resume(const uint8_t *p, size_t len, struct message *m)
{
	static const uint8_t first[VERSIONS_SIZE];
	int r;

	if (len != ID_SIZE && len < RESUME_SIZE)
		return E_RANGE;
	memcpy(m->id, p, ID_SIZE);
	if (len == ID_SIZE)
		return parse_versions(first, m);
	if ((r = parse_versions(p + ID_SIZE, m)) != 0 || m->version > MESSAGE_VERSION)
		return r;
	if (len != RESUME_SIZE)
		return E_RANGE;
	return !is_first_version(m) && all_zero(p + RESUME_SIZE - 2, 2) ? 0 : E_FORMAT;
}

static int parse_refused(const uint8_t *p, size_t len, struct message *m)
{
	size_t i;

	if (len < REFUSED_MIN || len > REFUSED_MIN + MESSAGE_TEXT_MAX)
		return E_RANGE;
	m->code = get_u16(p);
	if (m->code < REFUSED_MALFORMED) /* newer ones say no just as well */
		return E_FORMAT;
	for (i = REFUSED_MIN; i < len; i++)
		if (p[i] < ' ' || p[i] > '~')
			return E_FORMAT;
	memcpy(m->text, p + REFUSED_MIN, len - REFUSED_MIN);
	return 0;
}

static int parse_body(const uint8_t *p, size_t len, struct message *m)
{
	switch (m->type) {
	case MSG_PROBE:
	case MSG_HURRY:
	case MSG_READY:
	case MSG_SLOW:
	case MSG_HANG_UP:
	case MSG_HOLD:
	case MSG_GO_ON:
		return len == 0 ? 0 : E_RANGE;
	case MSG_REGISTER:
		return parse_register(p, len, m);
	case MSG_RESUME:
		return parse_resume(p, len, m);
	case MSG_CERTIFICATE:
		m->cert = p;
		m->cert_len = len;
		return len > 0 ? 0 : E_RANGE;
	case MSG_SPOOLED:
		if (len != 16)
			return E_RANGE;
		m->length = get_u64(p);
		m->generation = get_u64(p + 8);
		return 0;
	case MSG_ACK:
	case MSG_DRAINED:
		if (len != 8)
			return E_RANGE;
		m->frame = get_u64(p);
		return 0;
	case MSG_REFUSED:
		return parse_refused(p, len, m);
	default:
		return E_FORMAT;
	}
}

int message_parse(const uint8_t *p, size_t len, struct message *m)
{
	struct message got;
	size_t body;
	int r;

	if (len < MESSAGE_HEADER)
		return E_SHORT;
	if (memcmp(p, magic, sizeof(magic)) != 0)
		return E_FORMAT;
	body = get_u16(p + 6);
	if (body > MESSAGE_BODY_MAX)
		return E_RANGE;
	if (body > len - MESSAGE_HEADER)
		return E_SHORT;
	if (body < len - MESSAGE_HEADER)
		return E_FORMAT;
	memset(&got, 0, sizeof(got));
	got.type = p[5];
	r = parse_body(p + MESSAGE_HEADER, body, &got);
	if (r == 0)
		*m = got;
	return r;
}

enum version_fit message_fit(const struct message *m, unsigned oldest, unsigned newest)
{
	if (m->version < oldest)
		return VERSION_TOO_OLD;
	if (m->version <= newest)
		return VERSION_FITS;
	return m->oldest <= newest ? VERSION_NEWER : VERSION_TOO_NEW;
}
