/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "verify/evidence.h"

#define EPOCH_GAP_NS (2 * 60 * 1000000000ull) /* of boot time, without an EPOCH */

/* About when, not about what: said where the whole store is asked about. */
static void remark(struct evidence *e, uint64_t offset, const char *kind, const char *text)
{
	if (e->findings < EVIDENCE_FINDINGS)
		e->remark[e->findings] = 1;
	evidence_find(e, E_RANGE, offset, kind, text);
}

static struct evidence_session *find_session(const struct evidence *e, uint64_t n)
{
	if (n < e->first_n || n - e->first_n >= e->sessions)
		return NULL;
	return &e->session[n - e->first_n];
}

static int take_open(struct evidence *e, const struct entry *in)
{
	struct evidence_session *s;

	if (e->sessions == 0)
		e->first_n = in->u.open.n;
	if (array_room(&e->session, e->sessions, &e->session_room, sizeof *s) != 0)
		return -ENOMEM;
	s = &e->session[e->sessions++];
	s->purge = NO_LEAF;
	expect_open(&s->expect, in);
	return 0;
}

static int take_close(struct evidence *e, const struct entry *in)
{
	struct evidence_session *s = find_session(e, in->u.close.n);

	if (s == NULL)
		return E_CHAIN;
	expect_close(&s->expect, in);
	return 0;
}

static int take_purge(struct evidence *e, const struct entry *in)
{
	struct evidence_session *s = find_session(e, in->u.purge.n);
	struct evidence_purge *p;

	if (s != NULL) {
		s->purge = in->index;
		memcpy(s->approval, in->u.purge.approval, HASH_SIZE);
		return memcmp(s->expect.id, in->u.purge.id, ID_SIZE) == 0 ? 0 : E_CHAIN;
	}
	if (array_room(&e->purge, e->purges, &e->purge_room, sizeof *p) != 0)
		return -ENOMEM;
	p = &e->purge[e->purges++];
	p->index = in->index;
	p->n = in->u.purge.n;
	memcpy(p->id, in->u.purge.id, ID_SIZE);
	memcpy(p->approval, in->u.purge.approval, HASH_SIZE);
	return 0;
}

static int take_recover(struct evidence *e, const struct entry *in)
{
	if (e->file.key_lost != in->index)
		return 0;
	if (array_room(&e->renewal, e->renewals, &e->renewal_room, sizeof *e->renewal) != 0)
		return -ENOMEM;
	e->renewal[e->renewals++] = in->index;
	return 0;
}

static void note_pause(struct evidence *e, const struct entry *in, uint64_t offset)
{
	char text[120];

	if (!e->running || in->boot_ns < e->epoch_boot_ns ||
	    in->boot_ns - e->epoch_boot_ns <= EPOCH_GAP_NS)
		return;
	snprintf(text, sizeof text, "for %llu s the collector ended no epoch, though it ran",
	    (unsigned long long)((in->boot_ns - e->epoch_boot_ns) / 1000000000));
	remark(e, offset, "epoch", text);
}

void evidence_find_renewals(struct evidence *e)
{
	char text[160];
	size_t i;

	for (i = 0; i < e->renewals; i++) {
		if (e->renewal[i] < e->witnessed_leaves)
			continue;
		snprintf(text, sizeof text, "entry %llu of the ledger begins new epoch keys: the "
		    "host's key alone says what was before it", (unsigned long long)e->renewal[i]);
		remark(e, 0, "epoch", text);
	}
}

static int take_epoch(struct evidence *e, const struct entry *in, uint64_t offset)
{
	struct evidence_epoch *k;

	if (array_room(&e->epoch, e->epochs, &e->epoch_room, sizeof *k) != 0)
		return -ENOMEM;
	note_pause(e, in, offset);
	e->epoch_boot_ns = in->boot_ns;
	e->running = 1;
	k = &e->epoch[e->epochs++];
	k->index = in->index;
	k->number = in->u.epoch.epoch;
	k->wall_ns = in->wall_ns;
	k->live = in->u.epoch.live;
	memcpy(k->live_root, in->u.epoch.live_root, MERKLE_HASH);
	k->records_from = in->u.epoch.records_from;
	k->records_to = in->u.epoch.records_to;
	memcpy(k->records, in->u.epoch.records, HASH_SIZE);
	return 0;
}

static void take_clock(struct evidence *e, const struct entry *in, uint64_t offset)
{
	char text[120];

	snprintf(text, sizeof text, "the wall clock left its course by %+.3f s",
	    (double)in->u.clock.step_ns / 1e9);
	remark(e, offset, "clock", text);
}

int evidence_take(struct evidence *e, const struct entry *in, uint64_t offset)
{
	switch (in->type) {
	case ENTRY_GENESIS:
		memcpy(e->epoch_pk, in->u.genesis.epoch_pk, PK_SIZE);
		return host_chain_add(&e->keys, in->index, in->u.genesis.host_pk);
	case ENTRY_KEY:
		return host_chain_add(&e->keys, in->index, in->u.key.host_pk);
	case ENTRY_RECOVER:
		return take_recover(e, in);
	case ENTRY_BOOT:
		e->epoch_boot_ns = in->boot_ns;
		e->running = 1;
		return 0;
	case ENTRY_OPEN:
		return take_open(e, in);
	case ENTRY_CLOSE:
		return take_close(e, in);
	case ENTRY_PURGE:
		return take_purge(e, in);
	case ENTRY_EPOCH:
		return take_epoch(e, in, offset);
	case ENTRY_CLOCK:
		take_clock(e, in, offset);
		return 0;
	case ENTRY_REVIEW:
		e->reviews++;
		return 0;
	default:
		return 0;
	}
}

const struct evidence_session *evidence_of(const struct evidence *e, uint64_t n)
{
	return find_session(e, n);
}

const uint8_t *evidence_purged(const struct evidence *e, const struct session_name *name)
{
	const struct evidence_session *s = find_session(e, name->n);
	size_t i;

	if (s != NULL)
		return s->purge < e->signed_leaves ? s->approval : NULL;
	for (i = 0; i < e->purges; i++)
		if (e->purge[i].n == name->n && e->purge[i].index < e->signed_leaves &&
		    memcmp(e->purge[i].id, name->id, ID_SIZE) == 0)
			return e->purge[i].approval;
	return NULL;
}
