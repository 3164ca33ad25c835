/* SPDX-License-Identifier: ISC */
#include "notary_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"
#include "keys.h"

#define HEAD "SHELLAC-EPOCH-KEYS-1\n"
#define HEAD_LEN (sizeof(HEAD) - 1)
#define ORDER_DIGITS 16
#define SEED_SIZE crypto_sign_SEEDBYTES
#define PLACE_LEN (ORDER_DIGITS + 1 + 2 * SEED_SIZE + 1) /* "ORDER SEED\n" */
#define FILE_LEN (HEAD_LEN + 2 * PLACE_LEN)
#define EMPTY '-'

/* One that can only be read can be used, and not be replaced. */
static int open_host(struct notary_keys *k, const char *path)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	k->host_fd = open(path, O_RDWR | flags);
	if (k->host_fd < 0 && (errno == EACCES || errno == EROFS))
		k->host_fd = open(path, O_RDONLY | flags);
	return k->host_fd < 0 ? -errno : 0;
}

int notary_host_keys(struct notary_keys *k, const char *path, int *made)
{
	uint8_t sk[SK_SIZE], pk[PK_SIZE];
	int r;

	*made = 0;
	r = open_host(k, path);
	if (r == -ENOENT) {
		r = key_secret_create(sk, pk, path);
		sodium_memzero(sk, sizeof(sk));
		*made = r == 0;
		if (r == 0)
			r = open_host(k, path);
	}
	if (r == 0)
		r = host_key_read(&k->host, k->host_fd);
	if (r != 0)
		return r;
	k->host_used = !k->host.place[0].there;
	k->settled = k->host.place[0].there != k->host.place[1].there;
	return 0;
}

const struct host_key_place *notary_host_used(const struct notary_keys *k)
{
	return k->settled ? &k->host.place[k->host_used] : NULL;
}

int notary_host_settle(struct notary_keys *k, const uint8_t pk[PK_SIZE])
{
	const struct host_key_place *place = k->host.place;
	unsigned i = 0, other;
	int r = 0;

	while (i < HOST_KEY_PLACES && (!place[i].there || memcmp(place[i].pk, pk, PK_SIZE) != 0))
		i++;
	if (i == HOST_KEY_PLACES)
		return E_KEY;
	other = 1 - i;
	if (place[other].there)
		r = host_key_wipe(&k->host, k->host_fd, other);
	if (r != 0)
		return r;
	k->host_used = i;
	k->settled = 1;
	return 0;
}

int notary_host_next(struct notary_keys *k, const struct host_key_place **next)
{
	unsigned i = 1 - k->host_used;
	int r = 0;

	if (!k->settled)
		return E_KEY;
	if (!k->host.place[i].there)
		r = host_key_make(&k->host, k->host_fd, i);
	if (r == 0)
		*next = &k->host.place[i];
	return r;
}

static void put_empty(char place[PLACE_LEN])
{
	memset(place, EMPTY, PLACE_LEN - 1);
	place[PLACE_LEN - 1] = '\n';
}

static void put_place(char place[PLACE_LEN], uint64_t order, const uint8_t seed[SEED_SIZE])
{
	char digits[2 * SEED_SIZE + 1];
	uint8_t number[8];
	unsigned i;

	for (i = 0; i < sizeof(number); i++)
		number[i] = (uint8_t)(order >> (56 - 8 * i));
	hex_put(digits, number, sizeof(number));
	memcpy(place, digits, ORDER_DIGITS);
	place[ORDER_DIGITS] = ' ';
	hex_put(digits, seed, SEED_SIZE);
	memcpy(place + ORDER_DIGITS + 1, digits, 2 * SEED_SIZE);
	place[PLACE_LEN - 1] = '\n';
	sodium_memzero(digits, sizeof(digits));
}

/* A place that is half written has no key: it was about to get or to lose one. */
static void get_place(struct epoch_key *k, const char place[PLACE_LEN])
{
	char digits[2 * SEED_SIZE + 1] = "";
	uint8_t number[8], seed[SEED_SIZE];
	unsigned i;

	*k = (struct epoch_key){0};
	memcpy(digits, place, ORDER_DIGITS);
	if (place[ORDER_DIGITS] != ' ' || place[PLACE_LEN - 1] != '\n' ||
	    hex_get(number, sizeof(number), digits) != 0)
		return;
	memcpy(digits, place + ORDER_DIGITS + 1, 2 * SEED_SIZE);
	digits[2 * SEED_SIZE] = '\0';
	if (hex_get(seed, sizeof(seed), digits) == 0) {
		crypto_sign_seed_keypair(k->pk, k->sk, seed);
		for (i = 0; i < sizeof(number); i++)
			k->order = k->order << 8 | number[i];
	}
	sodium_memzero(digits, sizeof(digits));
	sodium_memzero(seed, sizeof(seed));
}

static int open_file(int store_dir)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	char text[FILE_LEN];
	int fd, r;

	fd = openat(store_dir, NOTARY_EPOCH_FILE, flags);
	if (fd >= 0 || errno != ENOENT)
		return fd >= 0 ? fd : -errno;
	memcpy(text, HEAD, HEAD_LEN);
	put_empty(text + HEAD_LEN);
	put_empty(text + HEAD_LEN + PLACE_LEN);
	r = io_replace_file(store_dir, NOTARY_EPOCH_FILE, 0600, text, sizeof(text));
	if (r != 0)
		return r;
	fd = openat(store_dir, NOTARY_EPOCH_FILE, flags);
	return fd >= 0 ? fd : -errno;
}

static int read_file(struct notary_keys *k)
{
	char text[FILE_LEN + 1];
	ssize_t n;
	int r;

	n = io_pread_all(k->fd, text, sizeof(text), 0);
	r = n < 0 ? (int)n : E_KEY;
	if (n == FILE_LEN && memcmp(text, HEAD, HEAD_LEN) == 0) {
		get_place(&k->epoch[0], text + HEAD_LEN);
		get_place(&k->epoch[1], text + HEAD_LEN + PLACE_LEN);
		r = 0;
	}
	sodium_memzero(text, sizeof(text));
	return r;
}

int notary_epoch_keys(struct notary_keys *k, int store_dir)
{
	int r;

	k->fd = open_file(store_dir);
	if (k->fd < 0)
		return k->fd;
	r = key_secret_check(k->fd);
	if (r == 0)
		r = read_file(k);
	if (r != 0) {
		close(k->fd);
		return r;
	}
	k->used = k->epoch[0].order == 0 ||
	    (k->epoch[1].order != 0 && k->epoch[1].order < k->epoch[0].order);
	return 0;
}

const struct epoch_key *notary_key_used(const struct notary_keys *k)
{
	return k->epoch[k->used].order != 0 ? &k->epoch[k->used] : NULL;
}

int notary_key_is_next(const struct notary_keys *k, const uint8_t pk[PK_SIZE])
{
	const struct epoch_key *next = &k->epoch[1 - k->used];

	return next->order != 0 && memcmp(next->pk, pk, PK_SIZE) == 0;
}

static int write_place(const struct notary_keys *k, unsigned i, const char place[PLACE_LEN])
{
	ssize_t n;

	do
		n = pwrite(k->fd, place, PLACE_LEN, (off_t)(HEAD_LEN + i * PLACE_LEN));
	while (n < 0 && errno == EINTR);
	if (n != PLACE_LEN)
		return n < 0 ? -errno : -EIO;
	return fdatasync(k->fd) == 0 ? 0 : -errno;
}

int notary_key_next(struct notary_keys *k, const struct epoch_key **next)
{
	unsigned i = 1 - k->used;
	struct epoch_key *n = &k->epoch[i];
	char place[PLACE_LEN];
	uint8_t seed[SEED_SIZE];
	int r = 0;

	if (n->order == 0) {
		randombytes_buf(seed, sizeof(seed));
		put_place(place, k->epoch[k->used].order + 1, seed);
		r = write_place(k, i, place);
		if (r == 0) {
			crypto_sign_seed_keypair(n->pk, n->sk, seed);
			n->order = k->epoch[k->used].order + 1;
		}
		sodium_memzero(seed, sizeof(seed));
		sodium_memzero(place, sizeof(place));
	}
	if (r == 0)
		*next = n;
	return r;
}

int notary_key_advance(struct notary_keys *k)
{
	char place[PLACE_LEN];
	int r;

	if (k->epoch[k->used].order != 0) {
		put_empty(place);
		r = write_place(k, k->used, place);
		if (r != 0)
			return r;
		sodium_memzero(&k->epoch[k->used], sizeof(k->epoch[k->used]));
	}
	k->used = 1 - k->used;
	return 0;
}
