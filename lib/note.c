/* SPDX-License-Identifier: ISC */
#include "note.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "err.h"
#include "utf8.h"

#define ID_BYTES 4
#define KEY_BYTES (1 + PK_SIZE) /* its alg first */
#define TIME_BYTES 8
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define DASH_LEN (sizeof(DASH) - 1)
#define COSIGNED "cosignature/v1\ntime %llu\n"
#define COSIGNED_MAX 64

static int is_space(uint32_t cp)
{
	static const uint32_t spaces[] = { ' ', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f,
		0x205f, 0x3000 };
	size_t i;

	for (i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (cp == spaces[i])
			return 1;
	return cp >= 0x2000 && cp <= 0x200a;
}

static int name_good(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0 || cp < 0x20 || cp == '+' || is_space(cp))
			return 0;
	}
	return len > 0;
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint64_t get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static void put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

static void key_bytes(uint8_t out[KEY_BYTES], const struct note_key *k)
{
	out[0] = k->alg;
	memcpy(out + 1, k->pk, PK_SIZE);
}

static int key_set(struct note_key *k, const char *name, size_t len, uint8_t alg,
    const uint8_t pk[PK_SIZE])
{
	uint8_t digest[crypto_hash_sha256_BYTES], key[KEY_BYTES];
	crypto_hash_sha256_state st;
	struct note_key got;

	if (len > NOTE_NAME_MAX || !name_good(name, len) ||
	    (alg != NOTE_ED25519 && alg != NOTE_COSIGNATURE))
		return E_FORMAT;
	memset(&got, 0, sizeof(got));
	memcpy(got.name, name, len);
	got.alg = alg;
	memcpy(got.pk, pk, PK_SIZE);
	key_bytes(key, &got);
	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t *)name, len);
	crypto_hash_sha256_update(&st, (const uint8_t *)"\n", 1);
	crypto_hash_sha256_update(&st, key, sizeof(key));
	crypto_hash_sha256_final(&st, digest);
	got.id = get_be32(digest);
	*k = got;
	return 0;
}

int note_key_make(struct note_key *k, const char *name, uint8_t alg, const uint8_t pk[PK_SIZE])
{
	return key_set(k, name, strlen(name), alg, pk);
}

int note_key_parse(struct note_key *k, const char *vkey)
{
	size_t name_len = strcspn(vkey, "+"), len = strlen(vkey);
	const char *digits = vkey + name_len + 1;
	uint8_t id[ID_BYTES], key[KEY_BYTES];
	char hex[2 * ID_BYTES + 1];
	struct note_key got;

	if (len != name_len + 1 + 2 * ID_BYTES + 1 + BASE64_SIZE(KEY_BYTES) - 1 ||
	    digits[2 * ID_BYTES] != '+')
		return E_KEY;
	memcpy(hex, digits, 2 * ID_BYTES);
	hex[2 * ID_BYTES] = '\0';
	if (hex_get(id, ID_BYTES, hex) != 0 ||
	    base64_get_all(key, KEY_BYTES, digits + sizeof(hex), BASE64_SIZE(KEY_BYTES) - 1) != 0 ||
	    key_set(&got, vkey, name_len, key[0], key + 1) != 0 || got.id != get_be32(id))
		return E_KEY;
	*k = got;
	return 0;
}

void note_key_format(char out[NOTE_VKEY_MAX], const struct note_key *k)
{
	char text[BASE64_SIZE(KEY_BYTES)];
	uint8_t key[KEY_BYTES];

	key_bytes(key, k);
	base64_put(text, key, sizeof(key));
	snprintf(out, NOTE_VKEY_MAX, "%s+%08lx+%s", k->name, (unsigned long)k->id, text);
}

/* All is UTF-8 without control bytes but line feeds. */
static int text_good(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0 || (cp < 0x20 && cp != '\n'))
			return 0;
	}
	return 1;
}

/* A signature line, without its line feed.  Of one that is longer than any kind we
 * know, the beginning is kept. */
static int sig_parse(struct note_sig *s, const char *line, size_t len)
{
	uint8_t bytes[NOTE_MAX / 4 * 3];
	const char *space;
	size_t n;

	if (len < DASH_LEN || memcmp(line, DASH, DASH_LEN) != 0)
		return E_FORMAT;
	s->name = line + DASH_LEN;
	space = memchr(s->name, ' ', len - DASH_LEN);
	if (space == NULL)
		return E_FORMAT;
	s->name_len = (size_t)(space - s->name);
	if (!name_good(s->name, s->name_len) ||
	    base64_get(bytes, sizeof(bytes), space + 1, (size_t)(line + len - space - 1), &n) != 0 ||
	    n <= ID_BYTES)
		return E_FORMAT;
	s->id = get_be32(bytes);
	s->len = n - ID_BYTES;
	memcpy(s->sig, bytes + ID_BYTES, s->len < sizeof(s->sig) ? s->len : sizeof(s->sig));
	return 0;
}

/* The length of the text before the last empty line; 0 where there is none. */
static size_t text_length(const char *p, size_t len)
{
	size_t i;

	for (i = len; i >= 2; i--)
		if (p[i - 2] == '\n' && p[i - 1] == '\n')
			return i - 1;
	return 0;
}

int note_parse(struct note *n, const char *p, size_t len)
{
	const char *end = p + len, *lf;
	struct note got;
	int r;

	if (len > NOTE_MAX)
		return E_RANGE;
	memset(&got, 0, sizeof(got));
	got.text = p;
	got.text_len = text_length(p, len);
	if (got.text_len == 0 || !text_good(p, len) || p[len - 1] != '\n')
		return E_FORMAT;
	for (p += got.text_len + 1; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (got.sigs == NOTE_SIGS_MAX)
			return E_RANGE;
		r = sig_parse(&got.sig[got.sigs++], p, (size_t)(lf - p));
		if (r != 0)
			return r;
	}
	if (got.sigs == 0)
		return E_FORMAT;
	*n = got;
	return 0;
}

/* What a cosignature of that time is over; its length. */
static size_t cosigned_put(char out[COSIGNED_MAX + NOTE_MAX], const char *text, size_t len,
    uint64_t time_s)
{
	int n = snprintf(out, COSIGNED_MAX, COSIGNED, (unsigned long long)time_s);

	memcpy(out + n, text, len);
	return (size_t)n + len;
}

/* 0 or E_SIGNATURE; *time_s as note_verify() gives it. */
static int sig_verify(const struct note *n, const struct note_sig *s, const struct note_key *k,
    uint64_t *time_s)
{
	char signed_text[COSIGNED_MAX + NOTE_MAX];
	const char *text = n->text;
	size_t len = n->text_len, skip = 0;

	*time_s = 0;
	if (k->alg == NOTE_COSIGNATURE)
		skip = TIME_BYTES;
	if (s->len != skip + SIG_SIZE)
		return E_SIGNATURE;
	if (skip > 0) {
		*time_s = get_be64(s->sig);
		if (*time_s > INT64_MAX)
			return E_SIGNATURE;
		len = cosigned_put(signed_text, text, len, *time_s);
		text = signed_text;
	}
	return crypto_sign_verify_detached(s->sig + skip, (const uint8_t *)text, len, k->pk) == 0 ?
	    0 : E_SIGNATURE;
}

int note_verify(const struct note *n, const struct note_key *k, uint64_t *time_s)
{
	uint64_t at, first = 0;
	int found = 0, r;
	unsigned i;

	for (i = 0; i < n->sigs; i++) {
		const struct note_sig *s = &n->sig[i];

		if (s->id != k->id || s->name_len != strlen(k->name) ||
		    memcmp(s->name, k->name, s->name_len) != 0)
			continue;
		r = sig_verify(n, s, k, &at);
		if (r != 0)
			return r;
		if (!found || at < first)
			first = at;
		found = 1;
	}
	if (!found)
		return E_KEY;
	if (time_s != NULL)
		*time_s = first;
	return 0;
}

int note_sign(char out[NOTE_LINE_MAX], const char *text, size_t len, const struct note_key *k,
    const uint8_t sk[SK_SIZE], uint64_t time_s)
{
	uint8_t bytes[ID_BYTES + TIME_BYTES + SIG_SIZE], *sig = bytes + ID_BYTES;
	char signed_text[COSIGNED_MAX + NOTE_MAX], b64[BASE64_SIZE(sizeof(bytes))];

	if (len > NOTE_MAX || time_s > INT64_MAX)
		return E_RANGE;
	put_be32(bytes, k->id);
	if (k->alg == NOTE_COSIGNATURE) {
		put_be64(sig, time_s);
		sig += TIME_BYTES;
		len = cosigned_put(signed_text, text, len, time_s);
		text = signed_text;
	}
	crypto_sign_detached(sig, NULL, (const uint8_t *)text, len, sk);
	base64_put(b64, bytes, (size_t)(sig + SIG_SIZE - bytes));
	return snprintf(out, NOTE_LINE_MAX, DASH "%s %s\n", k->name, b64);
}
