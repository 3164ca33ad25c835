/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RULES_HIT_H
#define SHELLAC_RULES_HIT_H

#include <jansson.h>
#include <stdint.h>

#include "hash.h"

/* The event that a line of shellac rules --json becomes: a new object, NULL where it is no
 * such line, or without memory. */
json_t *hit_event(const char *line, size_t len);

/* What tells a hit from others of its session, the same for what was sent and what came
 * back. */
void hit_key(uint8_t out[HASH_SIZE], const json_t *event);

#endif
