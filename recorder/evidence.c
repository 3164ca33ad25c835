/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#define NS_PER_MS UINT64_C(1000000)

void evidence_init(struct evidence *e, unsigned patience_ms)
{
	*e = (struct evidence){ .patience_ns = patience_ms * NS_PER_MS };
}

void evidence_typed(struct evidence *e, uint64_t now_ns, const uint8_t *p, size_t len)
{
	size_t n;

	for (n = 0; n < len && p[n] != '\r' && p[n] != '\n'; n++)
		;
	if (!e->lines && n < len) {
		e->lines = 1;
		e->line_ns = now_ns;
		e->ahead = e->queued - e->group + n;
	}
	e->queued += len;
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

/* Who is given time to answer may not need it: then more is recorded than how much
 * was typed. */
static enum evidence_step line_step(const struct evidence *e, uint64_t now_ns)
{
	if (e->ahead > 0)
		return EVIDENCE_ASK;
	return now_ns < e->line_ns + e->patience_ns / 2 ? EVIDENCE_WAIT : EVIDENCE_SEAL;
}

enum evidence_step evidence_next(struct evidence *e, uint64_t now_ns, uint64_t acked,
    int connected, size_t held)
{
	if (acked >= e->late)
		e->late = 0;
	if (e->group > 0)
		return acked >= e->frame ? EVIDENCE_GO : group_step(e, now_ns, connected);
	if (e->queued == 0)
		return EVIDENCE_WAIT;
	if (!e->lines)
		return EVIDENCE_GO;
	if (held == 0 || !connected || e->late != 0 || e->patience_ns == 0)
		return EVIDENCE_SEAL;
	return line_step(e, now_ns);
}

void evidence_sealed(struct evidence *e, uint64_t frame)
{
	e->group = e->queued;
	e->frame = frame;
	e->typed_ns = e->line_ns;
	e->ahead = 0;
	e->lines = 0;
}

size_t evidence_take(struct evidence *e)
{
	size_t n = e->group > 0 ? e->group : e->queued;

	e->queued -= n;
	e->group = 0;
	return n;
}

size_t evidence_ahead(struct evidence *e)
{
	size_t n = e->ahead;

	e->queued -= n;
	e->ahead = 0;
	return n;
}

uint64_t evidence_deadline(const struct evidence *e)
{
	if (e->group > 0)
		return e->typed_ns + e->patience_ns;
	return e->lines ? e->line_ns + e->patience_ns / 2 : 0;
}

void evidence_drop(struct evidence *e)
{
	e->queued = e->group = e->ahead = 0;
	e->lines = 0;
}
