/* SPDX-License-Identifier: ISC */
#include "verify/agree.h"

#include <string.h>

void expect_open(struct expect *x, const struct entry *e)
{
	*x = (struct expect){ .n = e->u.open.n, .open = e->index, .close = NO_LEAF,
		.row = NO_LEAF };
	memcpy(x->id, e->u.open.id, ID_SIZE);
	memcpy(x->cert, e->u.open.cert, HASH_SIZE);
}

void expect_close(struct expect *x, const struct entry *e)
{
	x->close = e->index;
	x->whole = e->u.close.end == ENTRY_END_WHOLE;
	x->chunks = e->u.close.chunks;
	x->sealed = e->u.close.sealed;
	x->size = e->u.close.size;
	memcpy(x->head, e->u.close.head, HASH_SIZE);
	memcpy(x->tail, e->u.close.tail, HASH_SIZE);
}

void agree_begin(struct agree *a, const struct expect *x)
{
	memset(a, 0, sizeof *a);
	a->x = x;
}

static void differ(struct agree *a, int64_t chunk, uint64_t offset, const char *text)
{
	if (a->text != NULL)
		return;
	a->chunk = chunk;
	a->offset = offset;
	a->text = text;
}

/* A chain's head: of its last SEAL, or of CERT where there is none. */
static const uint8_t *head_of(const struct agree *a, const struct chain *c)
{
	return c->chunk > 0 ? c->prev : a->cert;
}

/* The chain has just got to so many chunks. */
static void at_chunks(struct agree *a, const struct chain *c, uint64_t offset)
{
	const struct expect *x = a->x;
	int64_t chunk = (int64_t)c->chunk - 1;

	if (x->row != NO_LEAF && c->chunk == x->row_chunks &&
	    memcmp(x->row_head, head_of(a, c), HASH_SIZE) != 0)
		differ(a, chunk, offset, "an EPOCH of the ledger knows another chunk here");
	if (x->close == NO_LEAF)
		return;
	if (c->chunk > x->chunks)
		differ(a, chunk, offset, "the ledger's CLOSE has fewer chunks");
	if (c->chunk != x->chunks)
		return;
	if (memcmp(x->head, head_of(a, c), HASH_SIZE) != 0)
		differ(a, chunk, offset, "the ledger's CLOSE has another last chunk");
	else if (c->chunk > 0 && c->sealed_offset != x->sealed)
		differ(a, chunk, offset, "the ledger's CLOSE has another length");
	hash_begin(&a->tail);
}

static void take_cert(struct agree *a, const struct chain *c, const struct frame *f,
    uint64_t offset)
{
	const struct expect *x = a->x;

	hash_of(a->cert, f->body, f->len);
	if (memcmp(a->cert, x->cert, HASH_SIZE) != 0 || memcmp(c->cert.id, x->id, ID_SIZE) != 0 ||
	    c->cert.n != x->n)
		differ(a, -1, offset, "the ledger's OPEN is of another certificate");
	at_chunks(a, c, offset);
	if (x->close != NO_LEAF && x->chunks == 0 && x->sealed == 0)
		hash_add(&a->tail, f->body - FRAME_HEADER, (size_t)FRAME_HEADER + f->len, NULL, 0);
}

void agree_frame(struct agree *a, const struct chain *c, const struct frame *f, uint64_t offset)
{
	if (a->x == NULL)
		return;
	if (f->type == FRAME_CERT)
		take_cert(a, c, f, offset);
	else if (f->type == FRAME_SEAL)
		at_chunks(a, c, offset);
	else if (a->x->close != NO_LEAF && c->chunk == a->x->chunks)
		hash_add(&a->tail, f->body - FRAME_HEADER, (size_t)FRAME_HEADER + f->len, NULL, 0);
}

static void end_of_close(struct agree *a, const struct chain *c, const struct rest *rest,
    uint64_t stream, uint64_t size)
{
	const struct expect *x = a->x;
	uint8_t tail[HASH_SIZE];

	if (c->chunk < x->chunks) {
		differ(a, (int64_t)c->chunk, size, "the ledger's CLOSE has more chunks");
		return;
	}
	if (!c->have_cert)
		return;
	hash_add(&a->tail, rest->p, rest->len, NULL, 0);
	hash_get(&a->tail, tail);
	if (stream != x->size || (!c->purged && memcmp(tail, x->tail, HASH_SIZE) != 0))
		differ(a, (int64_t)c->chunk, size, "behind the last seal, the ledger's CLOSE has "
		    "other bytes");
	else if (x->whole != c->ended)
		differ(a, (int64_t)c->chunk, size, "the ledger's CLOSE says how it ended, and the "
		    "file ends otherwise");
}

void agree_end(struct agree *a, const struct chain *c, const struct rest *rest,
    uint64_t stream, uint64_t size)
{
	if (a->x == NULL)
		return;
	if (a->x->close != NO_LEAF)
		end_of_close(a, c, rest, stream, size);
	if (a->x->row != NO_LEAF && c->chunk < a->x->row_chunks)
		differ(a, (int64_t)c->chunk, size, "an EPOCH of the ledger knows more chunks");
}
