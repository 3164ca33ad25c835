/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEYS_H
#define SHELLAC_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/* shellac-format(5), KEYS */
#define KEY_NAME_MAX 200
#define KEY_LINE_MAX 300

struct host_pub {
	char name[KEY_NAME_MAX + 1];
	uint8_t pk[PK_SIZE];
};

/* The line (without line feed) for host.pub; out has room for KEY_LINE_MAX. */
void key_pub_format(char *out, const struct host_pub *k);

/* Reads such a line, an ending line feed allowed.  0 or E_KEY. */
int key_pub_parse(struct host_pub *k, const char *line);

/* Reads host.pub at path.  0, -errno or E_KEY. */
int key_pub_load(struct host_pub *k, const char *path);

/* The name of a host's key: shellac/ and its name, made to fit. */
void key_pub_name(char out[KEY_NAME_MAX + 1], const char *host);

/* Writes host.pub at path, mode 0644, in the place of what is there.  0 or -errno. */
int key_pub_write(const struct host_pub *k, const char *path);

/* May this file hold a secret key?  E_KEY for one that is not regular, not owned by
 * the effective user or accessible to group or others.  0, -errno, E_KEY. */
int key_secret_check(int fd);

/* Reads host.key at path, which must be such a file.  0, -errno, E_KEY. */
int key_secret_load(uint8_t sk[SK_SIZE], uint8_t pk[PK_SIZE], const char *path);

/* Makes a new key at path with mode 0600; never replaces one (-EEXIST). */
int key_secret_create(uint8_t sk[SK_SIZE], uint8_t pk[PK_SIZE], const char *path);

#endif
