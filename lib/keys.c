/* SPDX-License-Identifier: ISC */
#include "keys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base64.h"
#include "err.h"
#include "io.h"
#include "note.h"

#define SEED_SIZE crypto_sign_SEEDBYTES

_Static_assert(KEY_NAME_MAX == NOTE_NAME_MAX && KEY_LINE_MAX == NOTE_VKEY_MAX, "one format");

#define SECRET_HEAD "SHELLAC-KEY-1\n"
#define SECRET_HEAD_LEN (sizeof(SECRET_HEAD) - 1)
#define SECRET_LEN (SECRET_HEAD_LEN + BASE64_SIZE(SEED_SIZE)) /* a line feed for the zero */

/* A host's name is ASCII, which a note's need not be. */
static int name_good(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return 0;
	return 1;
}

void key_pub_format(char *out, const struct host_pub *k)
{
	struct note_key key;
	int r = note_key_make(&key, k->name, NOTE_ED25519, k->pk);

	assert(r == 0);
	note_key_format(out, &key);
}

int key_pub_parse(struct host_pub *k, const char *line)
{
	size_t len = strnlen(line, KEY_LINE_MAX);
	char vkey[KEY_LINE_MAX];
	struct note_key key;

	if (len > 0 && len < KEY_LINE_MAX && line[len - 1] == '\n')
		len--;
	if (len >= KEY_LINE_MAX)
		return E_KEY;
	memcpy(vkey, line, len);
	vkey[len] = '\0';
	if (note_key_parse(&key, vkey) != 0 || key.alg != NOTE_ED25519 || !name_good(key.name))
		return E_KEY;
	memcpy(k->name, key.name, sizeof(k->name));
	memcpy(k->pk, key.pk, PK_SIZE);
	return 0;
}

/* Printable ASCII without space and plus. */
void key_pub_name(char out[KEY_NAME_MAX + 1], const char *host)
{
	char *p;

	snprintf(out, KEY_NAME_MAX + 1, "shellac/%.150s", host[0] != '\0' ? host : "localhost");
	for (p = out; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == '+')
			*p = '_';
}

int key_pub_write(const struct host_pub *k, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX], line[KEY_LINE_MAX + 1];
	size_t len;
	int dir, r;

	if (snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	key_pub_format(line, k);
	len = strlen(line);
	line[len++] = '\n';
	r = io_replace_file(dir, slash == NULL ? path : slash + 1, 0644, line, len);
	close(dir);
	return r;
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
	    base64_get_all(seed, sizeof(seed), text + SECRET_HEAD_LEN,
	        BASE64_SIZE(SEED_SIZE) - 1) == 0)
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
	base64_put(text + SECRET_HEAD_LEN, seed, sizeof(seed));
	text[SECRET_LEN - 1] = '\n';
	r = secret_write(path, text);
	if (r == 0)
		r = crypto_sign_seed_keypair(pk, sk, seed);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	return r;
}
