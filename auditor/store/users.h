/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_USERS_H
#define SHELLAC_USERS_H

#include <stdint.h>

#include "store/store.h"

/* Names of user ids: what the host's own certificates say, and on the host
 * itself passwd(5) for the others.  A copied store is never explained with the
 * names of the machine where it is read. */
struct users;

/* NULL without memory.  s is not kept; NULL: what the certificates say comes by
 * users_learn(). */
struct users *users_new(const struct store *s, int local);

/* A certificate says it; what was said first stays. */
void users_learn(struct users *u, uint32_t uid, const char *name);
void users_free(struct users *u);

/* Valid until users_free(); NULL if unknown.  May hold hostile bytes. */
const char *users_name(struct users *u, uint32_t uid);

#endif
