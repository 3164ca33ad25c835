/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FUZZ_MUTATE_H
#define SHELLAC_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Mutations of seeds by number: run k is the same on every machine, so that one that failed
 * can be had again.
 */
struct mutate_seeds {
	struct mutate_seed {
		uint8_t *p;
		size_t len;
	} *seed;
	size_t count, room;
};

#define MUTATE_MAX 8192 /* bytes fed at most */
#define MUTATE_S 20     /* seconds that one may take */

/* Takes over p.  0 or -ENOMEM. */
int mutate_add(struct mutate_seeds *s, uint8_t *p, size_t len);
void mutate_release(struct mutate_seeds *s);

/* Feeds mutations; what is "RUNS" or "RUNS,FIRST", numbers of runs from 0.  0, or 1 for what
 * it cannot do, which it says.  A run that ends the process, or takes too long and is ended,
 * has said its number on standard error. */
int mutate_run(const struct mutate_seeds *s, const char *what,
    void (*feed)(const uint8_t *p, size_t len));

#endif
