/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_JUDGE_H
#define SHELLAC_TEST_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "session_file.h"

/* Bytes as a file in memory; the caller closes it. */
int judge_file(const uint8_t *p, size_t len);

/* Packs bytes into out; returns the container's length or a negative code. */
long judge_pack(uint8_t *out, size_t room, const uint8_t *p, size_t len);

/* Reads the bytes as a session file to the end or to the first finding, which is
 * completed as an auditor does: "unsealed", "cut" and "empty" at a sound end
 * without END (code 0), "" for none.  Sets *certified unless NULL. */
void judge(const uint8_t *p, size_t len, const uint8_t *host_pk, struct finding *f, int *certified);

#endif
