/* SPDX-License-Identifier: ISC */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "keys.h"

#define SUFFIX ".pub"

/* The name of the file beside the key, below a descriptor of its folder. */
static int open_folder(const char *path, char name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX];
	int fd;

	if (snprintf(name, NAME_MAX + 1, "%s" SUFFIX, base) > NAME_MAX ||
	    snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
	    slash == NULL ? "." : path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int identity_make(struct identity *id, const char *path, const char *name)
{
	char vkey[NOTE_VKEY_MAX + 1], pub[NAME_MAX + 1];
	uint8_t pk[PK_SIZE] = {0};
	struct identity made;
	size_t len;
	int dir, r;

	r = note_key_make(&made.key, name, NOTE_COSIGNATURE, pk);
	if (r != 0)
		return r;
	dir = open_folder(path, pub);
	if (dir < 0)
		return dir;
	r = key_secret_create(made.sk, pk, path);
	if (r == 0)
		r = note_key_make(&made.key, name, NOTE_COSIGNATURE, pk);
	if (r == 0) {
		note_key_format(vkey, &made.key);
		len = strlen(vkey);
		vkey[len++] = '\n';
		r = io_replace_file(dir, pub, 0644, vkey, len);
	}
	close(dir);
	if (r == 0)
		*id = made;
	sodium_memzero(made.sk, sizeof(made.sk));
	return r;
}

static int read_public(struct note_key *key, const char *path)
{
	char pub[NAME_MAX + 1];
	uint8_t *text = NULL;
	size_t len = 0;
	int dir, r;

	dir = open_folder(path, pub);
	if (dir < 0)
		return dir;
	r = io_read_file(dir, pub, NOTE_VKEY_MAX, &text, &len);
	close(dir);
	if (r != 0)
		return r == E_RANGE ? E_KEY : r;
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	r = strlen((char *)text) == len ? note_key_parse(key, (char *)text) : E_KEY;
	free(text);
	return r;
}

int identity_load(struct identity *id, const char *path)
{
	struct identity read;
	uint8_t pk[PK_SIZE];
	int r;

	r = key_secret_load(read.sk, pk, path);
	if (r == 0)
		r = read_public(&read.key, path);
	if (r == 0 && (read.key.alg != NOTE_COSIGNATURE || memcmp(read.key.pk, pk, PK_SIZE) != 0))
		r = E_KEY;
	if (r == 0)
		*id = read;
	sodium_memzero(read.sk, sizeof(read.sk));
	return r;
}

void identity_default_name(char out[NOTE_NAME_MAX + 1])
{
	char host[128] = "";
	char *p;

	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		snprintf(host, sizeof(host), "localhost");
	for (p = host; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || *p == '+')
			*p = '_';
	snprintf(out, NOTE_NAME_MAX + 1, "%s/shellac-witness", host);
}
