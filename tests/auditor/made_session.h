/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_MADE_SESSION_H
#define SHELLAC_TEST_MADE_SESSION_H

#include <stdint.h>
#include <stdio.h>

#include "sealer.h"

/*
 * A session of any length, made into a file with a key pair of a host's made for it.  A call
 * that fails ends the program.
 */
#define MADE_WALL INT64_C(1790000000000000000) /* wall clock of its begin */

struct made_session {
	FILE *file;         /* unlinked */
	struct sealer sealer;
	uint8_t host_pk[PK_SIZE];
	struct window window;
	uint64_t wait_ns;   /* before the next event */
};

/* Its certificate, and its first chunk, sealed; the window has so many rows and columns. */
void made_session_begin(struct made_session *m, uint16_t rows, uint16_t cols);

/* The next event comes so much later. */
void made_session_wait(struct made_session *m, uint64_t ns);

/* What the terminal showed: cut into events and chunks as it has to be. */
void made_session_out(struct made_session *m, const void *p, size_t len);
void made_session_text(struct made_session *m, const char *text);
void made_session_typed(struct made_session *m, const char *text);
void made_session_window(struct made_session *m, uint16_t rows, uint16_t cols);

/* Seals what there is, if anything. */
void made_session_seal(struct made_session *m);

/* END, where ended; a descriptor of all of it, the caller's, packed or plain. */
int made_session_end(struct made_session *m, int ended, int packed);

#endif
