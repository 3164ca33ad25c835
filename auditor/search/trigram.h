/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TRIGRAM_H
#define SHELLAC_TRIGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "pattern.h"

/*
 * What tells that a block of lines cannot hold a pattern: for each three bytes that follow
 * each other in one of its lines, letters in lower case, one of TRIGRAM_PLACES bits.
 */
#define TRIGRAM_PLACES 32768
#define TRIGRAM_BYTES (TRIGRAM_PLACES / 8)

struct trigrams {
	uint8_t bit[TRIGRAM_BYTES];
	unsigned set; /* bits */
};

/* Adds a line's.  0 or -ENOMEM. */
int trigrams_add(struct trigrams *t, const char *line, size_t len);

/*
 * Bits that a block must have to hold a line that fits one of some patterns: all of one
 * alternative's.
 */
#define NEED_PLACES 24      /* of an alternative; of more, so many are kept */
#define NEED_ALTERNATIVES 64

struct need {
	uint16_t place[NEED_PLACES];
	unsigned places;
};

struct needs {
	struct need need[NEED_ALTERNATIVES];
	unsigned needs;
	int any; /* nothing can be said: every block may have it */
};

/* Begin with { 0 }. */
void needs_add(struct needs *n, const struct pattern *p);

#endif
