/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <string.h>

#define NS_PER_MS UINT64_C(1000000)

void evidence_init(struct evidence *e, unsigned patience_ms)
{
	*e = (struct evidence){ .patience_ns = patience_ms * NS_PER_MS };
}

void evidence_typed(struct evidence *e, uint64_t now_ns, const uint8_t *p, size_t len)
{
	e->queued += len;
	if (e->lines || (memchr(p, '\r', len) == NULL && memchr(p, '\n', len) == NULL))
		return;
	e->lines = 1;
	e->line_ns = now_ns;
}

static enum evidence_step group_step(struct evidence *e, uint64_t now_ns, int connected)
{
	if (e->patience_ns == 0)
		return EVIDENCE_GO;
	if (!connected || e->late != 0)
		return EVIDENCE_LATE;
	if (now_ns < e->typed_ns + e->patience_ns)
		return EVIDENCE_WAIT;
	e->late = e->frame;
	return EVIDENCE_LATE;
}

enum evidence_step evidence_next(struct evidence *e, uint64_t now_ns, uint64_t acked,
    int connected)
{
	if (acked >= e->late)
		e->late = 0;
	if (e->group > 0)
		return acked >= e->frame ? EVIDENCE_GO : group_step(e, now_ns, connected);
	if (e->queued == 0)
		return EVIDENCE_WAIT;
	return e->lines ? EVIDENCE_SEAL : EVIDENCE_GO;
}

void evidence_sealed(struct evidence *e, uint64_t frame)
{
	e->group = e->queued;
	e->frame = frame;
	e->typed_ns = e->line_ns;
	e->lines = 0;
}

size_t evidence_take(struct evidence *e)
{
	size_t n = e->group > 0 ? e->group : e->queued;

	e->queued -= n;
	e->group = 0;
	return n;
}

uint64_t evidence_deadline(const struct evidence *e)
{
	return e->group > 0 ? e->typed_ns + e->patience_ns : 0;
}

void evidence_drop(struct evidence *e)
{
	e->queued = e->group = 0;
	e->lines = 0;
}
