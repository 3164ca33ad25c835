/* SPDX-License-Identifier: ISC */
#include "dispatch_message.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

static const struct shape {
	uint8_t number, flag, texts;
} shapes[] = {
	[DISPATCH_BEGIN] = { 1, 1, 1 }, [DISPATCH_PLUGIN] = { 0, 0, 2 }, [DISPATCH_APPLY] = { 0, 0, 0 },
	[DISPATCH_TAIL] = { 1, 0, 0 }, [DISPATCH_ROOM] = { 0, 1, 0 }, [DISPATCH_STORE] = { 0, 0, 1 },
	[DISPATCH_HOOK] = { 0, 0, 2 }, [DISPATCH_END] = { 0, 0, 0 }, [DISPATCH_LOG] = { 0, 1, 1 },
	[DISPATCH_INPUT] = { 0, 0, 2 }, [DISPATCH_ACTION] = { 0, 0, 3 }, [DISPATCH_WANTS] = { 0, 0, 1 },
	[DISPATCH_STATUS] = { 0, 0, 1 }, [DISPATCH_APPLIED] = { 0, 0, 0 }, [DISPATCH_LOST] = { 1, 1, 1 },
};

static const struct shape *shape_of(uint8_t type)
{
	if (type == 0 || type >= sizeof(shapes) / sizeof(shapes[0]) ||
	    (type > DISPATCH_END && type < DISPATCH_LOG))
		return NULL;
	return &shapes[type];
}

size_t dispatch_put(uint8_t *p, const struct dispatch_message *m)
{
	const struct shape *s = shape_of(m->type);
	size_t at = 1, body = 0;
	unsigned i;

	for (i = 0; s != NULL && i < s->texts; i++)
		body += m->len[i] + 1;
	if (s == NULL || body > DISPATCH_BODY_MAX)
		return 0;
	p[0] = m->type;
	if (s->number) {
		put_u64(p + at, m->number);
		at += 8;
	}
	if (s->flag)
		p[at++] = m->flag;
	for (i = 0; i < s->texts; i++) {
		memcpy(p + at, m->text[i], m->len[i]);
		at += m->len[i];
		if (i + 1 < s->texts)
			p[at++] = '\0';
	}
	return at;
}

int dispatch_parse(struct dispatch_message *m, uint8_t *p, size_t len)
{
	const struct shape *s = len > 0 ? shape_of(p[0]) : NULL;
	size_t at = 1;
	unsigned i;
	const uint8_t *end;

	if (s == NULL || len < 1u + 8u * s->number + s->flag)
		return E_FORMAT;
	memset(m, 0, sizeof(*m));
	m->type = p[0];
	if (s->number) {
		m->number = get_u64(p + at);
		at += 8;
	}
	if (s->flag)
		m->flag = p[at++];
	p[len] = '\0';
	for (i = 0; i < s->texts; i++) {
		m->text[i] = (const char *)p + at;
		end = memchr(p + at, '\0', len + 1 - at);
		m->len[i] = (size_t)(end - (p + at));
		at += m->len[i] + 1;
		if (at > len && i + 1 < s->texts)
			return E_FORMAT;
	}
	m->texts = s->texts;
	return at == len + (s->texts > 0) ? 0 : E_FORMAT;
}
