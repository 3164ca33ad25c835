/* SPDX-License-Identifier: ISC */
#include "host_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "err.h"
#include "io.h"
#include "keys.h"

#define HEAD "SHELLAC-KEY-1\n"
#define HEAD_LEN (sizeof(HEAD) - 1)
#define SEED_SIZE crypto_sign_SEEDBYTES
#define LINE_LEN BASE64_SIZE(SEED_SIZE) /* a line feed for the zero */
#define FILE_LEN (HEAD_LEN + 3 * LINE_LEN) /* the places, the first public key */
#define SHORT_LEN (HEAD_LEN + LINE_LEN)
#define EMPTY '-'

_Static_assert(SEED_SIZE == PK_SIZE, "one length of line");

static void put_line(char line[LINE_LEN], const uint8_t p[SEED_SIZE])
{
	base64_put(line, p, SEED_SIZE);
	line[LINE_LEN - 1] = '\n';
}

static int get_line(uint8_t p[SEED_SIZE], const char line[LINE_LEN])
{
	if (line[LINE_LEN - 1] != '\n')
		return E_FORMAT;
	return base64_get_all(p, SEED_SIZE, line, LINE_LEN - 1);
}

static void get_place(struct host_key_place *k, const char line[LINE_LEN])
{
	uint8_t seed[SEED_SIZE];

	if (get_line(seed, line) == 0) {
		crypto_sign_seed_keypair(k->pk, k->sk, seed);
		k->there = 1;
	}
	sodium_memzero(seed, sizeof(seed));
}

/* What follows the first place counts as a whole: it is written at once. */
static int parse(struct host_key *k, const char *text, size_t len)
{
	if (len < SHORT_LEN || len > FILE_LEN || memcmp(text, HEAD, HEAD_LEN) != 0)
		return E_KEY;
	get_place(&k->place[0], text + HEAD_LEN);
	if (len == FILE_LEN && get_line(k->first_pk, text + FILE_LEN - LINE_LEN) == 0) {
		k->has_first = 1;
		get_place(&k->place[1], text + SHORT_LEN);
	} else {
		memcpy(k->first_pk, k->place[0].pk, PK_SIZE);
	}
	return k->place[0].there || k->place[1].there ? 0 : E_KEY;
}

int host_key_read(struct host_key *k, int fd)
{
	char text[FILE_LEN + 1];
	ssize_t n;
	int r = key_secret_check(fd);

	if (r != 0)
		return r;
	memset(k, 0, sizeof(*k));
	n = io_pread_all(fd, text, sizeof(text), 0);
	r = n < 0 ? (int)n : parse(k, text, (size_t)n);
	sodium_memzero(text, sizeof(text));
	return r;
}

int host_key_load(struct host_key *k, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = host_key_read(k, fd);
	close(fd);
	return r;
}

static int write_at(int fd, const char *p, size_t len, size_t off)
{
	ssize_t n;

	do
		n = pwrite(fd, p, len, (off_t)off);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len)
		return n < 0 ? -errno : -EIO;
	return fdatasync(fd) == 0 ? 0 : -errno;
}

int host_key_make(struct host_key *k, int fd, unsigned i)
{
	char lines[2 * LINE_LEN];
	uint8_t seed[SEED_SIZE];
	int r;

	randombytes_buf(seed, sizeof(seed));
	put_line(lines, seed);
	put_line(lines + LINE_LEN, k->first_pk);
	/* the first time the place comes into being, and it is the second one */
	r = write_at(fd, lines, k->has_first ? LINE_LEN : sizeof(lines), HEAD_LEN + i * LINE_LEN);
	if (r == 0) {
		crypto_sign_seed_keypair(k->place[i].pk, k->place[i].sk, seed);
		k->place[i].there = 1;
		k->has_first = 1;
	}
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(lines, sizeof(lines));
	return r;
}

int host_key_wipe(struct host_key *k, int fd, unsigned i)
{
	char line[LINE_LEN];
	int r;

	memset(line, EMPTY, LINE_LEN - 1);
	line[LINE_LEN - 1] = '\n';
	r = write_at(fd, line, LINE_LEN, HEAD_LEN + i * LINE_LEN);
	if (r == 0)
		sodium_memzero(&k->place[i], sizeof(k->place[i]));
	return r;
}
