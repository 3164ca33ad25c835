/* SPDX-License-Identifier: ISC */
#include "store/cache.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "hash.h"

#define KEY_SIZE 16

/* The folder for caches, made where it is not there: 0 or -errno. */
static int cache_folder(char out[PATH_MAX])
{
	const char *cache = secure_getenv("XDG_CACHE_HOME"), *home = secure_getenv("HOME");
	const struct passwd *pw;
	int n;

	if (cache != NULL && cache[0] == '/') {
		n = snprintf(out, PATH_MAX, "%s", cache);
	} else {
		if ((home == NULL || home[0] != '/') && (pw = getpwuid(geteuid())) != NULL)
			home = pw->pw_dir;
		if (home == NULL || home[0] != '/')
			return -ENOENT;
		n = snprintf(out, PATH_MAX, "%s/.cache", home);
	}
	if (n < 0 || n >= PATH_MAX - 64)
		return -ENAMETOOLONG;
	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return -errno;
	memcpy(out + strlen(out), "/shellac", sizeof "/shellac");
	return mkdir(out, 0700) != 0 && errno != EEXIST ? -errno : 0;
}

int cache_path(char **out, const char *kind, const char *store_path)
{
	char folder[PATH_MAX], whole[PATH_MAX], hex[2 * KEY_SIZE + 1];
	uint8_t key[HASH_SIZE];
	int r = cache_folder(folder);

	if (r != 0)
		return r;
	if (realpath(store_path, whole) == NULL)
		snprintf(whole, sizeof whole, "%s", store_path);
	hash_of(key, whole, strlen(whole));
	hex_put(hex, key, KEY_SIZE);
	return asprintf(out, "%s/%s-%s.db", folder, kind, hex) < 0 ? -ENOMEM : 0;
}
