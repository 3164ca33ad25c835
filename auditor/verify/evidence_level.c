/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "verify/evidence.h"

#define TABLE_MAX ((size_t)64 << 20) /* bytes of a table: a million sessions */

/* The last epoch that ended before leaf index; NULL where there is none. */
static const struct evidence_epoch *epoch_before(const struct evidence *e, uint64_t index)
{
	size_t i = ARRAY_FIRST(e->epoch, e->epochs, index, index);

	return i > 0 ? &e->epoch[i - 1] : NULL;
}

int evidence_is_older(const struct evidence *e, uint64_t leaf, int64_t wall_ns)
{
	const struct evidence_epoch *before = epoch_before(e, leaf);
	size_t next = before != NULL ? (size_t)(before - e->epoch) + 1 : 0;

	return next < e->epochs && e->epoch[next].wall_ns < wall_ns;
}

static int check_table(const struct evidence_epoch *k, const uint8_t *p, size_t len)
{
	uint8_t hash[MERKLE_HASH];
	struct merkle t;
	size_t off;

	if (len != (size_t)k->live * LIVE_ROW)
		return E_RANGE;
	merkle_init(&t);
	for (off = 0; off < len; off += LIVE_ROW) {
		merkle_leaf(hash, p + off, LIVE_ROW);
		(void)merkle_add(&t, hash, NULL);
	}
	merkle_root(&t, hash);
	return memcmp(hash, k->live_root, MERKLE_HASH) == 0 ? 0 : E_DIGEST;
}

/* The table of an epoch, kept until another one is asked for.  One that was pruned
 * is empty; one that the epoch did not sign is a finding and then empty, too. */
static int load_table(struct evidence *e, const struct evidence_epoch *k)
{
	char name[64], text[120];
	int r;

	if (e->table_epoch == k->number)
		return e->table_error;
	free(e->table);
	e->table = NULL;
	e->table_len = 0;
	e->table_epoch = k->number;
	snprintf(name, sizeof name, LEDGER_DIR "/" LEDGER_LIVE "/%llu",
	    (unsigned long long)k->number);
	r = store_read_file(e->store, name, TABLE_MAX, &e->table, &e->table_len);
	if (r == 0 && (r = check_table(k, e->table, e->table_len)) == 0)
		return e->table_error = 0;
	e->table_len = 0;
	e->table_error = r;
	if (r == -ENOENT)
		return r;
	snprintf(text, sizeof text, "the table of live sessions of epoch %llu: %s",
	    (unsigned long long)k->number, err_text(r == E_DIGEST ? E_CHAIN : r));
	evidence_find(e, r, 0, "table", text);
	return r;
}

/* Rows are in order of n. */
static int find_row(const struct evidence *e, uint64_t n, struct live_row *row)
{
	size_t low = 0, high = e->table_len / LIVE_ROW;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		live_row_get(row, e->table + mid * LIVE_ROW);
		if (row->n == n)
			return 1;
		if (row->n < n)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

/* What was whole when it was closed is in CLOSE's head; of the rest the last table
 * before it tells how much there was. */
static void add_row(struct evidence *e, struct expect *x)
{
	const struct evidence_epoch *k = epoch_before(e, x->close);
	struct live_row row;

	if ((x->close != NO_LEAF && x->whole) || k == NULL || k->index < x->open)
		return;
	if (load_table(e, k) != 0 || !find_row(e, x->n, &row) ||
	    memcmp(row.id, x->id, ID_SIZE) != 0)
		return;
	x->row = k->index;
	x->row_chunks = row.chunks;
	memcpy(x->row_head, row.head, HASH_SIZE);
}

int evidence_expect(struct evidence *e, uint64_t n, struct expect *x)
{
	const struct evidence_session *s = evidence_of(e, n);

	if (s == NULL)
		return 0;
	*x = s->expect;
	add_row(e, x);
	return 1;
}

int evidence_must_know(const struct evidence *e, uint64_t n)
{
	return e->status == LEDGER_RIGHT && e->file.first_n != 0 && n >= e->file.first_n;
}

const uint8_t *evidence_host_pk(const struct evidence *e, const struct expect *x,
    const uint8_t *host_pk)
{
	/* what the ledger does not know is of before it, or not the host's */
	const struct host_chain_key *k = host_chain_at(&e->keys, x != NULL ? x->open : 1);

	return k != NULL ? k->pk : host_pk;
}

static int is_witnessed(const struct evidence *e, uint64_t leaf, const char **why)
{
	*why = "no --policy says whose cosignatures count";
	if (e->has_policy)
		*why = "no checkpoint that covers it has the cosignatures that the policy wants";
	return leaf < e->witnessed_leaves;
}

/* Whoever has the host's key can begin a new chain of epoch keys and, before that,
 * leave out what stands behind the last EPOCH of the old one: up to which leaf do keys
 * that are gone vouch?  A RECOVER that was witnessed is as good as GENESIS. */
static uint64_t last_of_chain(const struct evidence *e)
{
	const struct evidence_epoch *k;
	uint64_t end = NO_LEAF;
	size_t i;

	for (i = e->renewals; i-- > 0 && e->renewal[i] >= e->witnessed_leaves;)
		end = e->renewal[i];
	k = epoch_before(e, end);
	return k != NULL ? k->index : 0;
}

int evidence_level(const struct evidence *e, const struct expect *x, const char **why)
{
	int closed = x->close != NO_LEAF;
	uint64_t leaf = closed ? x->close : x->open;

	*why = "no checkpoint that the host signed covers it";
	if (leaf >= e->signed_leaves)
		return 0;
	*why = "it is in no EPOCH's table of live sessions";
	if (!closed && x->row == NO_LEAF)
		return 1;
	leaf = closed ? x->close + 1 : x->row;
	if (is_witnessed(e, leaf - (uint64_t)closed, why))
		return 3;
	if (leaf <= last_of_chain(e))
		return 2;
	*why = e->renewals > 0 ? "the chain of epoch keys was broken before it was sealed" :
	    "no EPOCH stands behind its CLOSE";
	return 1;
}

int evidence_has_close(const struct evidence *e, const struct expect *x)
{
	return x->close != NO_LEAF && x->close < e->signed_leaves;
}

const struct evidence_epoch *evidence_until(const struct evidence *e)
{
	return epoch_before(e, e->signed_leaves);
}
