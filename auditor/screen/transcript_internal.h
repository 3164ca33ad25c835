/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TRANSCRIPT_INTERNAL_H
#define SHELLAC_TRANSCRIPT_INTERNAL_H

#include "screen/typing.h"

struct transcript {
	struct lines lines;
	struct typing typing;
	uint16_t rows, cols;
};

/* Everything goes through the emulated screen: the lines must be the same. */
void transcript_pure(struct transcript *t);

/* For commands: each line that is entered, see typing.h. */
void transcript_listen(struct transcript *t,
    int (*entered)(void *arg, const struct typing_line *x),
    int (*ran)(void *arg, const char *text, size_t len), void *arg);

#endif
