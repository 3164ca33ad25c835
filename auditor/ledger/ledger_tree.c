/* SPDX-License-Identifier: ISC */
#include "ledger/ledger_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"

static int add(struct ledger_tree *t, struct merkle *m, const struct ledger_file *l)
{
	uint8_t leaf[MERKLE_HASH], done[MERKLE_LEVELS][MERKLE_HASH];
	unsigned n, i;

	merkle_leaf(leaf, l->raw, l->raw_len);
	n = merkle_add(m, leaf, done);
	for (i = 0; i < n; i++) {
		if (array_room(&t->hash, t->hashes, &t->room, sizeof *t->hash) != 0)
			return -ENOMEM;
		memcpy(t->hash[t->hashes++], done[i], MERKLE_HASH);
	}
	return 0;
}

static void keep(struct ledger_leaf *leaf, size_t count, uint64_t index,
    const struct ledger_file *l)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (leaf[i].index != index)
			continue;
		memcpy(leaf[i].raw, l->raw, l->raw_len);
		leaf[i].len = l->raw_len;
	}
}

int ledger_tree_read(struct ledger_tree *t, int fd, struct ledger_leaf *leaf, size_t count)
{
	struct ledger_file l;
	struct merkle m;
	struct entry e;
	int r;

	memset(t, 0, sizeof *t);
	merkle_init(&m);
	ledger_file_init(&l, fd, NULL);
	while ((r = ledger_file_next(&l, &e)) == 1 && (r = add(t, &m, &l)) == 0)
		keep(leaf, count, e.index, &l);
	ledger_file_end(&l);
	return r;
}

void ledger_tree_free(struct ledger_tree *t)
{
	free(t->hash);
	t->hash = NULL;
	t->hashes = t->room = 0;
}

int ledger_tree_hash(void *tree, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	const struct ledger_tree *t = tree;
	uint64_t place = merkle_place(level, index);

	if (place >= t->hashes)
		return E_RANGE;
	memcpy(hash, t->hash[place], MERKLE_HASH);
	return 0;
}
