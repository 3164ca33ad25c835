/* SPDX-License-Identifier: ISC */
#include "verify/bundle_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"

#define COPY 65536

/* The first EPOCH behind CLOSE that the checkpoint covers. */
static uint64_t epoch_behind(const struct bundle_sources *b)
{
	const struct evidence *e = b->evidence;
	size_t low = 0, high = e->epochs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (e->epoch[mid].index > b->expect.close)
			high = mid;
		else
			low = mid + 1;
	}
	return low < e->epochs && e->epoch[low].index < b->pin->at.size ? e->epoch[low].index :
	    NO_LEAF;
}

/* The keys up to the checkpoint, where there was more than one. */
static int want_keys(struct bundle_sources *b)
{
	const struct host_chain *c = &b->evidence->keys;
	size_t i, count = 0;

	while (count < c->keys && c->key[count].index < b->pin->at.size)
		count++;
	if (count > BUNDLE_KEYS_MAX)
		return E_RANGE;
	for (i = 0; i < count && count > 1; i++)
		b->leaf[BUNDLE_PROOFS + b->keys++].index = c->key[i].index;
	return 0;
}

int bundle_sources_read(struct bundle_sources *b)
{
	const struct evidence *e = b->evidence;
	int fd, r;

	b->pin = evidence_pin(e, b->expect.close);
	if (b->pin == NULL)
		return E_RANGE;
	b->leaf[BUNDLE_OPEN].index = b->expect.open;
	b->leaf[BUNDLE_CLOSE].index = b->expect.close;
	b->leaf[BUNDLE_EPOCH].index = epoch_behind(b);
	r = want_keys(b);
	if (r != 0)
		return r;
	fd = store_open_file(e->store, LEDGER_DIR "/" LEDGER_LOG);
	if (fd < 0)
		return fd;
	r = ledger_tree_read(&b->tree, fd, b->leaf, BUNDLE_PROOFS + b->keys);
	close(fd);
	return r == E_SHORT ? 0 : r; /* an entry that is being written is behind all these */
}

void bundle_sources_free(struct bundle_sources *b)
{
	ledger_tree_free(&b->tree);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

/* The text of the proof that the leaf is under the checkpoint; its length. */
static int prove(struct bundle_sources *b, const struct ledger_leaf *leaf, char *out)
{
	uint8_t path[MERKLE_PROOF_MAX][MERKLE_HASH];
	struct tlog_proof p = { .index = leaf->index, .extra_len = leaf->len,
		.note = b->pin->text, .note_len = b->pin->len };
	int n = merkle_inclusion(leaf->index, b->pin->at.size, ledger_tree_hash, &b->tree, path);

	if (n < 0)
		return n;
	if (leaf->len == 0 || n > TLOG_PATH_MAX)
		return E_RANGE;
	memcpy(p.extra, leaf->raw, leaf->len);
	memcpy(p.path, path, (size_t)n * MERKLE_HASH);
	p.hashes = (unsigned)n;
	return tlog_proof_format(out, &p);
}

static int copy_session(const struct bundle_sources *b, int fd, uint64_t len)
{
	uint8_t buf[COPY];
	uint64_t at = 0;
	ssize_t n;
	int r;

	while (at < len) {
		n = io_pread_all(b->fd, buf, len - at < COPY ? (size_t)(len - at) : COPY, at);
		if (n <= 0)
			return n < 0 ? (int)n : E_SHORT;
		if ((r = io_write_all(fd, buf, (size_t)n)) != 0)
			return r;
		at += (uint64_t)n;
	}
	return 0;
}

/* Proofs of the keys behind text, each behind its size; all their length. */
static int prove_keys(struct bundle_sources *b, char *text)
{
	size_t i, len = 0;
	int r;

	for (i = 0; i < b->keys; i++) {
		r = prove(b, &b->leaf[BUNDLE_PROOFS + i], text + len + BUNDLE_KEY_SIZE);
		if (r < 0)
			return r;
		put_u32((uint8_t *)text + len, (uint32_t)r);
		len += BUNDLE_KEY_SIZE + (size_t)r;
	}
	return (int)len;
}

static int write_all(struct bundle_sources *b, int fd, char *text)
{
	uint8_t head[BUNDLE_HEADER];
	struct bundle_head h = { .session = 0 };
	struct stat st;
	size_t len = 0;
	int i, r;

	if (fstat(b->fd, &st) != 0)
		return -errno;
	h.session = (uint64_t)st.st_size;
	for (i = 0; i < BUNDLE_PROOFS; i++) {
		if (b->leaf[i].index == NO_LEAF)
			continue;
		if ((r = prove(b, &b->leaf[i], text + len)) < 0)
			return r;
		h.proof[i] = (uint32_t)r;
		len += (size_t)r;
	}
	if ((r = prove_keys(b, text + len)) < 0)
		return r;
	h.keys = (uint32_t)r;
	len += h.keys;
	bundle_head_put(head, &h);
	if ((r = io_write_all(fd, head, sizeof head)) != 0 ||
	    (r = io_write_all(fd, text, len)) != 0)
		return r;
	return copy_session(b, fd, h.session);
}

int bundle_write(struct bundle_sources *b, int fd)
{
	char *text = malloc((BUNDLE_PROOFS + b->keys) * (BUNDLE_KEY_SIZE + TLOG_PROOF_MAX));
	int r = text != NULL ? write_all(b, fd, text) : -ENOMEM;

	free(text);
	return r;
}
