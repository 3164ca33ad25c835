/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PAGER_H
#define SHELLAC_PAGER_H

#include <stddef.h>

/* From here on stdout goes through $PAGER, or less(1), where it is a terminal with fewer
 * rows than lines; whoever asks about the terminal does so first.  1 where it does, else 0. */
int pager_begin(size_t lines);

/* Waits until the user has left it; after pager_begin() gave 1.  A pager that was left early
 * is no error of writing. */
void pager_end(void);

#endif
