/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HIDDEN_H
#define SHELLAC_HIDDEN_H

#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "hidden_echo.h"
#include "screen_text.h"

#define HIDDEN_HELD_MAX 65536
#define HIDDEN_PIECES_MAX 2048
#define HIDDEN_PATIENCE_NS UINT64_C(1000000000)

/*
 * Decides which typed bytes are recorded and which are only counted, from what
 * the terminal's modes were when they were typed and from what the program wrote
 * afterwards; never from the text of a prompt.  One object per session; it does
 * no I/O and reads no clock.
 *
 * ECHO on: kept.  ECHO off, ICANON on: the program sees nothing before the line
 * end, so no output can be an answer: hidden.  Both off: bytes are held, run by
 * run; a run goes to a line end (or an interrupt or end-of-file key).  They are
 * kept once the program showed something for them, and hidden when
 * - only masks came until the line end;
 * - nothing came until the line end, and the text is not echoed within a second
 *   after it;
 * - three or more were typed one by one into silence, and what came at last does
 *   not even show the first of them.
 */
struct hidden_sink {
	void (*keep)(void *ctx, const uint8_t *p, size_t len, uint64_t typed_ns);
	void (*hide)(void *ctx, uint64_t n, uint64_t typed_ns);
	void *ctx;
};

/* Bytes of one run that were typed together, in the order of held[]. */
struct hidden_piece {
	uint64_t typed_ns;
	uint64_t end_ns;     /* when a run that has ended is given up; 0: goes on */
	uint64_t since;      /* an echo of it is behind this place in the output */
	uint32_t run, len;
	uint8_t fate;
};

struct hidden {
	enum conf_input policy;
	struct hidden_sink sink;
	size_t held_len, pieces;
	uint32_t run;        /* the run that is being typed */
	enum { HIDDEN_FRESH, HIDDEN_ANSWERED, HIDDEN_MASKED } state;
	struct screen_text scan; /* of what is written during that run */
	uint64_t canon_n, canon_ns; /* typed at a line with ICANON and no ECHO */
	struct hidden_echo echo; /* written while the oldest line waits for its echo */
	struct hidden_piece piece[HIDDEN_PIECES_MAX];
	uint8_t held[HIDDEN_HELD_MAX];
};

void hidden_init(struct hidden *h, enum conf_input policy, const struct hidden_sink *sink);

/* Bytes typed at now_ns while the terminal had these modes.  What is decided goes
 * to the sink before this returns. */
void hidden_typed(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len, int echo,
    int icanon);

/* Bytes that the program wrote. */
void hidden_written(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len);

/* How many typed bytes are undecided. */
size_t hidden_held(const struct hidden *h);

/* When hidden_tick() wants to be called, 0 for never. */
uint64_t hidden_deadline(const struct hidden *h);
void hidden_tick(struct hidden *h, uint64_t now_ns);

/* The session ends: what is undecided is hidden.  Wipes. */
void hidden_end(struct hidden *h);

#endif
