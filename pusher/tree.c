/* SPDX-License-Identifier: ISC */
#include "tree.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"
#include "ledger_entry.h"

#define ENTRY_SIZE 2 /* of an entry, before it in the log */

void tree_init(struct tree *t, int log, int hashes)
{
	memset(t, 0, sizeof(*t));
	t->log = log;
	t->hashes = hashes;
	t->built = -1;
	merkle_init(&t->grown);
}

void tree_release(struct tree *t)
{
	if (t->built >= 0)
		close(t->built);
	t->built = -1;
}

static int read_place(int fd, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	ssize_t n = io_pread_all(fd, hash, MERKLE_HASH, merkle_place(level, index) * MERKLE_HASH);

	if (n < 0)
		return (int)n;
	return n == MERKLE_HASH ? 0 : E_SHORT;
}

static int read_cached(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	return read_place(((struct tree *)ctx)->hashes, level, index, hash);
}

static int read_built(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	return read_place(((struct tree *)ctx)->built, level, index, hash);
}

/* Adds the log's next entry: 0, E_SHORT at its end, -errno. */
static int grow_one(struct tree *t)
{
	uint8_t done[MERKLE_LEVELS][MERKLE_HASH], leaf[MERKLE_HASH], raw[ENTRY_SIZE + ENTRY_MAX];
	ssize_t n = io_pread_all(t->log, raw, sizeof(raw), t->offset);
	size_t len;
	unsigned hashes;
	int r;

	if (n < ENTRY_SIZE)
		return n < 0 ? (int)n : E_SHORT;
	len = get_u16(raw);
	if ((size_t)n < ENTRY_SIZE + len)
		return len > ENTRY_MAX ? E_FORMAT : E_SHORT;
	merkle_leaf(leaf, raw + ENTRY_SIZE, len);
	hashes = merkle_add(&t->grown, leaf, done);
	r = io_write_all(t->built, done, (size_t)hashes * MERKLE_HASH);
	t->offset += ENTRY_SIZE + len;
	return r;
}

/* What was built half is built again. */
static void forget(struct tree *t)
{
	tree_release(t);
	merkle_init(&t->grown);
	t->offset = 0;
}

static int grow(struct tree *t, uint64_t size)
{
	int r = 0;

	if (t->built < 0) {
		t->built = memfd_create("hashes", MFD_CLOEXEC);
		if (t->built < 0)
			return -errno;
	}
	while (r == 0 && t->grown.size < size)
		r = grow_one(t);
	if (r != 0 && r != E_SHORT)
		forget(t);
	return r;
}

/* The proof from these hashes, if they lead to the root and it holds. */
static int prove(struct tree *t, merkle_read *read, uint64_t old, uint64_t size,
    const uint8_t root[MERKLE_HASH], uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	uint8_t now[MERKLE_HASH], then[MERKLE_HASH];
	int n;

	n = merkle_root_of(size, read, t, now);
	if (n == 0)
		n = merkle_root_of(old, read, t, then);
	if (n == 0)
		n = memcmp(now, root, MERKLE_HASH) == 0 ?
		    merkle_consistency(old, size, read, t, proof) : E_DIGEST;
	if (n >= 0 && merkle_check_consistency(old, then, size, now, proof, (size_t)n) != 0)
		n = E_DIGEST;
	return n;
}

int tree_proof(struct tree *t, uint64_t old, uint64_t size, const uint8_t root[MERKLE_HASH],
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	int n;

	n = prove(t, read_cached, old, size, root, proof);
	if (n >= 0)
		return n;
	n = grow(t, size);
	if (n == 0)
		n = prove(t, read_built, old, size, root, proof);
	return n == E_SHORT || n == E_FORMAT ? E_DIGEST : n;
}
