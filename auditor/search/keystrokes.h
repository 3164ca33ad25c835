/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEYSTROKES_H
#define SHELLAC_KEYSTROKES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Keys as the lines that they make where nobody shows them: erasing is followed as a
 * terminal's own line editing has it, what moves about is left out.
 */
#define KEYSTROKES_MAX 4096 /* bytes of a line; longer ones come in pieces */

struct keystrokes {
	char line[KEYSTROKES_MAX];
	size_t len;
	int escape; /* inside of a sequence: the byte that tells of which kind */
	int (*end)(void *arg, const char *line, size_t len);
	void *arg;
};

/* end is called with each line that holds something, its bytes as typed but without control
 * characters; not 0 ends it and is returned. */
void keystrokes_init(struct keystrokes *k, int (*end)(void *arg, const char *line, size_t len),
    void *arg);
int keystrokes_put(struct keystrokes *k, const uint8_t *p, size_t len);
/* What was not ended by Enter. */
int keystrokes_end(struct keystrokes *k);

#endif
