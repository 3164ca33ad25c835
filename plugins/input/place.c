/* SPDX-License-Identifier: ISC */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define STATE_MAX 256

static int digest_at(int fd, uint64_t offset, uint8_t out[HASH_SIZE])
{
	uint8_t tail[PLACE_TAIL];
	size_t want = offset < PLACE_TAIL ? (size_t)offset : PLACE_TAIL;
	ssize_t got = io_pread_all(fd, tail, want, offset - want);

	if (got < 0)
		return (int)got;
	if ((size_t)got < want)
		return E_SHORT;
	hash_of(out, tail, want);
	return 0;
}

int place_of(struct place *p, int fd, uint64_t offset)
{
	struct place now = {.offset = offset};
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0)
		return -errno;
	now.dev = st.st_dev;
	now.ino = st.st_ino;
	if ((r = digest_at(fd, offset, now.digest)) != 0)
		return r;
	*p = now;
	return 0;
}

int place_is_in(const struct place *p, int fd)
{
	uint8_t digest[HASH_SIZE];
	struct stat st;
	int r;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (st.st_dev != p->dev || st.st_ino != p->ino || (uint64_t)st.st_size < p->offset)
		return 0;
	r = digest_at(fd, p->offset, digest);
	if (r != 0)
		return r == E_SHORT ? 0 : r;
	return memcmp(digest, p->digest, sizeof(digest)) == 0;
}

/* The folder of a path, opened, and its last part. */
static int split(const char *path, char copy[PATH_MAX], const char **name)
{
	const char *slash = strrchr(path, '/');
	int fd;

	*name = slash != NULL ? slash + 1 : path;
	if ((size_t)snprintf(copy, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int place_save(const struct place *p, const char *path)
{
	char text[STATE_MAX], hex[2 * HASH_SIZE + 1], copy[PATH_MAX];
	const char *name;
	int dir = split(path, copy, &name), r, len;

	if (dir < 0)
		return dir;
	sodium_bin2hex(hex, sizeof(hex), p->digest, sizeof(p->digest));
	len = snprintf(text, sizeof(text), "shellac-input 1 %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
	    p->dev, p->ino, p->offset, hex);
	r = io_replace_file(dir, name, 0600, text, (size_t)len);
	close(dir);
	return r;
}

static int parse(struct place *p, const char *text, size_t len)
{
	char hex[2 * HASH_SIZE + 2];
	struct place got = {0};
	size_t n;
	int end = 0;

	if (strlen(text) != len ||
	    sscanf(text, "shellac-input 1 %20" SCNu64 " %20" SCNu64 " %19" SCNu64 " %65[0-9a-f]%n",
	    &got.dev, &got.ino, &got.offset, hex, &end) != 4 || strcmp(text + end, "\n") != 0 ||
	    sodium_hex2bin(got.digest, sizeof(got.digest), hex, strlen(hex), NULL, &n, NULL) != 0 ||
	    n != sizeof(got.digest) || got.offset > INT64_MAX)
		return E_FORMAT;
	*p = got;
	return 0;
}

int place_load(struct place *p, const char *path)
{
	char copy[PATH_MAX];
	const char *name;
	uint8_t *text;
	size_t len;
	int dir = split(path, copy, &name), r;

	if (dir < 0)
		return dir;
	r = io_read_file(dir, name, STATE_MAX, &text, &len);
	close(dir);
	if (r != 0)
		return r == E_RANGE ? E_FORMAT : r;
	r = parse(p, (const char *)text, len);
	free(text);
	return r;
}
