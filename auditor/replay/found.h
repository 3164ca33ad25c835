/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FOUND_H
#define SHELLAC_FOUND_H

#include "screen/screen.h"
#include "pattern.h"

/* A place on a screen: columns from to to - 1 of a row. */
typedef void found_fn(void *arg, int row, int from, int to);

/* Calls fn for all places of the pattern in rows first to last, and in the rows that the
 * terminal wrapped into these; one that goes over several rows has several.  How many there
 * were.  Without memory none are found. */
int found_on_screen(const struct screen *s, int first, int last, const struct pattern *p,
    found_fn *fn, void *arg);

#endif
