/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEGAL_HOLD_H
#define SHELLAC_LEGAL_HOLD_H

#include <stdint.h>

#include "store.h"

/* Sessions whose payload nothing may delete, shellac-format(5), THE STORE. */
#define LEGAL_HOLD_DIR "hold"
#define LEGAL_HOLD_TEXT_MAX 400

/* Holds session n, on disk when this returns; reason: one line, may be empty.  What
 * was said before is replaced.  0 or -errno. */
int legal_hold_set(const struct store *s, uint64_t n, const char *reason);

/* 0, -ENOENT where it was not held, or -errno. */
int legal_hold_release(const struct store *s, uint64_t n);

/* 1 if it is held, or where that cannot be told; else 0. */
int legal_hold_is(const struct store *s, uint64_t n);

#endif
