/* SPDX-License-Identifier: ISC */
#include "report/report_note.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "decimal.h"
#include "err.h"
#include "io.h"

#define PIECE 65536

int report_note_format(char out[NOTE_MAX], const struct report_note *n)
{
	char host[2 * ID_SIZE + 1], root[BASE64_SIZE(MERKLE_HASH)];
	char sha256[2 * REPORT_SHA256 + 1], blake2b[2 * HASH_SIZE + 1];

	hex_put(host, n->host_id, ID_SIZE);
	base64_put(root, n->root, MERKLE_HASH);
	hex_put(sha256, n->sha256, REPORT_SHA256);
	hex_put(blake2b, n->blake2b, HASH_SIZE);
	return snprintf(out, NOTE_MAX, REPORT_NOTE_BEGIN "host %s\nledger %" PRIu64 " %s\nsize %"
	    PRIu64 "\nsha256 %s\nblake2b-256 %s\n", host, n->entries, root, n->size, sha256,
	    blake2b);
}

/* The len chars up to the character end, which is passed over; 0 where there is none. */
static size_t word(const char **p, const char *stop, char end, const char **out)
{
	const char *at = memchr(*p, end, (size_t)(stop - *p));
	size_t len;

	if (at == NULL)
		return 0;
	len = (size_t)(at - *p);
	*out = *p;
	*p = at + 1;
	return len;
}

/* "KEY VALUE" and a line feed. */
static size_t field(const char **p, const char *stop, const char *key, const char **out)
{
	const char *name = NULL;
	size_t len = word(p, stop, ' ', &name);

	return len == strlen(key) && memcmp(name, key, len) == 0 ? word(p, stop, '\n', out) : 0;
}

static int take_hex(uint8_t *out, size_t size, const char *text, size_t len)
{
	char hex[2 * HASH_SIZE + 1];

	if (len != 2 * size)
		return E_FORMAT;
	memcpy(hex, text, len);
	hex[len] = '\0';
	return hex_get(out, size, hex);
}

static int take_ledger(struct report_note *n, const char *text, size_t len)
{
	const char *stop = text + len, *digits;
	size_t count = word(&text, stop, ' ', &digits);

	if (count == 0 || decimal_get(&n->entries, digits, count) != 0)
		return E_FORMAT;
	return base64_get_all(n->root, MERKLE_HASH, text, (size_t)(stop - text));
}

int report_note_parse(struct report_note *n, const char *text, size_t len)
{
	const char *p = text + strlen(REPORT_NOTE_BEGIN), *stop = text + len, *v = NULL;
	struct report_note r = { .size = 0 };
	size_t k;

	if (len < strlen(REPORT_NOTE_BEGIN) || memcmp(text, REPORT_NOTE_BEGIN, (size_t)(p - text)) != 0)
		return E_FORMAT;
	if ((k = field(&p, stop, "host", &v)) == 0 || take_hex(r.host_id, ID_SIZE, v, k) != 0 ||
	    (k = field(&p, stop, "ledger", &v)) == 0 || take_ledger(&r, v, k) != 0 ||
	    (k = field(&p, stop, "size", &v)) == 0 || decimal_get(&r.size, v, k) != 0 ||
	    (k = field(&p, stop, "sha256", &v)) == 0 ||
	    take_hex(r.sha256, REPORT_SHA256, v, k) != 0 ||
	    (k = field(&p, stop, "blake2b-256", &v)) == 0 ||
	    take_hex(r.blake2b, HASH_SIZE, v, k) != 0 || p != stop)
		return E_FORMAT;
	*n = r;
	return 0;
}

int report_note_digest(struct report_note *n, int fd)
{
	static uint8_t piece[PIECE];
	crypto_hash_sha256_state sha256;
	struct hash blake2b;
	uint64_t size = 0;
	ssize_t got;

	crypto_hash_sha256_init(&sha256);
	hash_begin(&blake2b);
	while ((got = io_pread_all(fd, piece, sizeof piece, size)) > 0) {
		crypto_hash_sha256_update(&sha256, piece, (unsigned long long)got);
		hash_add(&blake2b, piece, (size_t)got, NULL, 0);
		size += (uint64_t)got;
	}
	if (got < 0)
		return (int)got;
	crypto_hash_sha256_final(&sha256, n->sha256);
	hash_get(&blake2b, n->blake2b);
	n->size = size;
	return 0;
}
