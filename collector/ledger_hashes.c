/* SPDX-License-Identifier: ISC */
/* The file of the tree's hashes: a cache, made anew where it is not as it should be. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "ledger_internal.h"
#include "log.h"

int ledger_hashes_open(struct ledger *l)
{
	struct stat st;

	l->hashes = openat(l->dir, LEDGER_HASHES, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0600);
	if (l->hashes < 0)
		return -errno;
	if (fstat(l->hashes, &st) < 0)
		return -errno;
	l->hashes_len = (uint64_t)st.st_size;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

/* Is it there already, from an earlier run? */
static int has(const struct ledger *l, const uint8_t *p, size_t len, uint64_t off)
{
	uint8_t found[MERKLE_LEVELS * MERKLE_HASH];

	return off + len <= l->hashes_len &&
	    io_pread_all(l->hashes, found, len, off) == (ssize_t)len && memcmp(found, p, len) == 0;
}

/* Beyond what is written now nothing is right. */
static int put(struct ledger *l, const uint8_t *p, size_t len, uint64_t off)
{
	ssize_t n;

	if (l->hashes_len > off && ftruncate(l->hashes, (off_t)off) < 0)
		return -errno;
	n = pwrite(l->hashes, p, len, (off_t)off);
	if (n != (ssize_t)len)
		return n < 0 ? -errno : -ENOSPC;
	l->hashes_len = off + len;
	return 0;
}

void ledger_hashes_leaf(struct ledger *l, const uint8_t *p, size_t len)
{
	uint8_t leaf[MERKLE_HASH], done[MERKLE_LEVELS][MERKLE_HASH];
	uint64_t off = merkle_places(l->tree.size) * MERKLE_HASH;
	size_t size;
	int r;

	merkle_leaf(leaf, p, len);
	size = merkle_add(&l->tree, leaf, done) * (size_t)MERKLE_HASH;
	if (l->hashes_bad || has(l, done[0], size, off))
		return;
	r = put(l, done[0], size, off);
	if (r == 0)
		return;
	l->hashes_bad = 1;
	log_warn("ledger/" LEDGER_HASHES " cannot be written (%s); the next start makes it anew",
	    err_text(r));
}

int ledger_leaf(const struct ledger *l, uint64_t index, uint8_t leaf[MERKLE_HASH])
{
	if (index >= l->tree.size)
		return E_RANGE;
	if (l->hashes_bad || io_pread_all(l->hashes, leaf, MERKLE_HASH,
	    merkle_place(0, index) * MERKLE_HASH) != MERKLE_HASH)
		return -EIO;
	return 0;
}

void ledger_hashes_end(struct ledger *l)
{
	uint64_t len = merkle_places(l->tree.size) * MERKLE_HASH;

	if (l->hashes_len <= len)
		return;
	if (ftruncate(l->hashes, (off_t)len) < 0)
		l->hashes_bad = 1;
	else
		l->hashes_len = len;
}
