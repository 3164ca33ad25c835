/* SPDX-License-Identifier: ISC */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"

#define ALG_ED25519 0x01 /* C2SP signed-note */
#define KEY_BYTES (1 + PK_SIZE)
#define HINT_SIZE 4
#define HINT_CHARS (2 * HINT_SIZE)
#define SEED_SIZE crypto_sign_SEEDBYTES
#define B64 sodium_base64_VARIANT_ORIGINAL
#define B64_SIZE(n) sodium_base64_ENCODED_LEN(n, B64) /* with the zero */

#define SECRET_HEAD "SHELLAC-KEY-1\n"
#define SECRET_HEAD_LEN (sizeof(SECRET_HEAD) - 1)
#define SECRET_LEN (SECRET_HEAD_LEN + B64_SIZE(SEED_SIZE)) /* a line feed for the zero */

/* Reads n bytes (at most KEY_BYTES) from exactly their base64 at text.  libsodium
 * 1.0.18 takes bytes over 0x7f for '/', so the text is held against its own
 * encoding.  0 or E_KEY. */
static int base64_get(uint8_t *p, size_t n, const char *text)
{
	size_t len = sodium_base64_ENCODED_LEN(n, B64) - 1, got;
	char again[B64_SIZE(KEY_BYTES)];
	int r = E_KEY;

	if (sodium_base642bin(p, n, text, len, NULL, &got, NULL, B64) == 0 && got == n) {
		sodium_bin2base64(again, sizeof(again), p, n, B64);
		r = sodium_memcmp(again, text, len) == 0 ? 0 : E_KEY;
	}
	sodium_memzero(again, sizeof(again));
	return r;
}

static int name_good(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || s[i] == '+')
			return 0;
	return len > 0 && len <= KEY_NAME_MAX;
}

/* First four bytes of SHA-256 of name, line feed, 0x01, key. */
static void key_hint(uint8_t hint[HINT_SIZE], const char *name, const uint8_t key[KEY_BYTES])
{
	uint8_t digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state st;

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const uint8_t *)name, strlen(name));
	crypto_hash_sha256_update(&st, (const uint8_t *)"\n", 1);
	crypto_hash_sha256_update(&st, key, KEY_BYTES);
	crypto_hash_sha256_final(&st, digest);
	memcpy(hint, digest, HINT_SIZE);
}

void key_pub_format(char *out, const struct host_pub *k)
{
	uint8_t key[KEY_BYTES], hint[HINT_SIZE];
	char id[HINT_CHARS + 1], text[B64_SIZE(KEY_BYTES)];

	key[0] = ALG_ED25519;
	memcpy(key + 1, k->pk, PK_SIZE);
	key_hint(hint, k->name, key);
	hex_put(id, hint, sizeof(hint));
	sodium_bin2base64(text, sizeof(text), key, sizeof(key), B64);
	snprintf(out, KEY_LINE_MAX, "%s+%s+%s", k->name, id, text);
}

int key_pub_parse(struct host_pub *k, const char *line)
{
	uint8_t key[KEY_BYTES], want[HINT_SIZE], hint[HINT_SIZE];
	const char *id, *text;
	struct host_pub got;
	char digits[HINT_CHARS + 1];
	size_t name_len, len;

	len = strnlen(line, KEY_LINE_MAX);
	if (len > 0 && len < KEY_LINE_MAX && line[len - 1] == '\n')
		len--;
	name_len = strcspn(line, "+");
	if (!name_good(line, name_len) || len != name_len + 1 + HINT_CHARS + B64_SIZE(KEY_BYTES))
		return E_KEY;
	id = line + name_len + 1;
	text = id + HINT_CHARS;
	if (*text++ != '+')
		return E_KEY;
	memcpy(digits, id, HINT_CHARS);
	digits[HINT_CHARS] = '\0';
	if (hex_get(want, HINT_SIZE, digits) != 0 || base64_get(key, sizeof(key), text) != 0 ||
	    key[0] != ALG_ED25519)
		return E_KEY;
	memcpy(got.name, line, name_len);
	got.name[name_len] = '\0';
	memcpy(got.pk, key + 1, PK_SIZE);
	key_hint(hint, got.name, key);
	if (memcmp(hint, want, HINT_SIZE) != 0)
		return E_KEY;
	*k = got;
	return 0;
}

int key_pub_load(struct host_pub *k, const char *path)
{
	char line[KEY_LINE_MAX + 1];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = io_read_all(fd, line, sizeof(line) - 1);
	close(fd);
	if (n < 0)
		return (int)n;
	line[n] = '\0';
	if (strlen(line) != (size_t)n)
		return E_KEY;
	return key_pub_parse(k, line);
}

int key_secret_check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0 ? 0 : E_KEY;
}

static int secret_open(const char *path)
{
	int fd, r;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = key_secret_check(fd);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int key_secret_load(uint8_t sk[SK_SIZE], uint8_t pk[PK_SIZE], const char *path)
{
	char text[SECRET_LEN + 1];
	uint8_t seed[SEED_SIZE];
	ssize_t len;
	int fd, r;

	fd = secret_open(path);
	if (fd < 0)
		return fd;
	len = io_read_all(fd, text, sizeof(text));
	close(fd);
	r = len < 0 ? (int)len : E_KEY;
	if (len == SECRET_LEN && memcmp(text, SECRET_HEAD, SECRET_HEAD_LEN) == 0 &&
	    text[SECRET_LEN - 1] == '\n' &&
	    base64_get(seed, sizeof(seed), text + SECRET_HEAD_LEN) == 0)
		r = crypto_sign_seed_keypair(pk, sk, seed);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	return r;
}

/* Writes the key to path.new and links it to path, so that path is never a part
 * of a key and never replaces one. */
static int secret_write(const char *path, const char text[SECRET_LEN])
{
	char temp[PATH_MAX], folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int dir, fd, r = 0;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		r = -errno;
		goto out;
	}
	if (fchmod(fd, 0600) < 0 || (r = io_write_all(fd, text, SECRET_LEN)) != 0 ||
	    fsync(fd) < 0 || link(temp, path) < 0)
		r = r != 0 ? r : -errno;
	close(fd);
	unlink(temp);
	if (r == 0 && fsync(dir) < 0)
		r = -errno;
out:
	close(dir);
	return r;
}

int key_secret_create(uint8_t sk[SK_SIZE], uint8_t pk[PK_SIZE], const char *path)
{
	char text[SECRET_LEN + 1];
	uint8_t seed[SEED_SIZE];
	int r;

	randombytes_buf(seed, sizeof(seed));
	memcpy(text, SECRET_HEAD, SECRET_HEAD_LEN);
	sodium_bin2base64(text + SECRET_HEAD_LEN, B64_SIZE(SEED_SIZE), seed, sizeof(seed), B64);
	text[SECRET_LEN - 1] = '\n';
	r = secret_write(path, text);
	if (r == 0)
		r = crypto_sign_seed_keypair(pk, sk, seed);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	return r;
}
