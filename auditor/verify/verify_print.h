/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_VERIFY_PRINT_H
#define SHELLAC_VERIFY_PRINT_H

#include "verify/verify.h"

/* id NULL or level LEVEL_NONE: not known, null in JSON; approval: the digest of what
 * allowed that it was purged, NULL or zeros for none.  Each finding sets bad. */
void verify_print_session(struct verify *v, uint64_t n, const uint8_t *id, const char *status,
    int level, const uint8_t *approval);

/* n 0: about no session; chunk -1: about no chunk, and then without an offset
 * unless that is not 0. */
void verify_print_finding(struct verify *v, uint64_t n, const uint8_t *id,
    const struct finding *f);

#endif
