/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROMPT_H
#define SHELLAC_PROMPT_H

#include <stddef.h>

/* A line that the auditor types at the bottom of a replay. */
#define PROMPT_MAX 256

struct prompt {
	int asked;             /* the key that asked; 0: nothing is asked */
	char text[PROMPT_MAX]; /* UTF-8, as typed */
	size_t len;
};

enum prompt_end { PROMPT_GOES_ON, PROMPT_TAKEN, PROMPT_LEFT };

void prompt_ask(struct prompt *p, int what);

/* Takes a key of terminal.h.  PROMPT_TAKEN: Enter; the text stays.  PROMPT_LEFT: it was left
 * with nothing. */
enum prompt_end prompt_key(struct prompt *p, int key);

#endif
