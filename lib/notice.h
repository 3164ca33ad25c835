/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTICE_H
#define SHELLAC_NOTICE_H

#include <stddef.h>

#include "hash.h"

#define NOTICE_MAX 4096

/* The text that users see before their shell starts: shellac.conf(5), notice. */
struct notice {
	char text[NOTICE_MAX];
	size_t len;
	uint8_t hash[HASH_SIZE]; /* of the text */
};

/* Reads a file: UTF-8 that can be printed, and line feeds.  0; -errno; -EPERM where
 * it is neither root's nor ours or others may write to it; E_RANGE where it is
 * empty or too long; E_FORMAT where it holds anything else.  A link is not followed
 * in the last component. */
int notice_load(struct notice *n, const char *path);

/* What is wrong, for an error of notice_load(). */
const char *notice_error(int r);

#endif
