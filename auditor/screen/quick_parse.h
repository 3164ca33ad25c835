/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_QUICK_PARSE_H
#define SHELLAC_QUICK_PARSE_H

#include <stddef.h>
#include <stdint.h>

/* What the quick screen can tell apart, as vt.h and the emulated screen have it. */
enum quick_kind {
	QUICK_TEXT,    /* printable ASCII */
	QUICK_RUNE,
	QUICK_CONTROL, /* a C0 control, or DEL */
	QUICK_CSI,     /* m, C, D, G, K, J, X, P, @, without prefix */
	QUICK_NOTHING, /* a sequence that changes no text and moves nothing */
	QUICK_STRING,  /* OSC and the like */
	QUICK_CUT,     /* only the begin is there */
	QUICK_OTHER,
};

struct quick_token {
	enum quick_kind kind;
	size_t len;
	uint32_t rune, param; /* the first parameter, 0 for none */
	uint8_t final;
};

/* len is at least 1. */
void quick_parse(struct quick_token *t, const uint8_t *p, size_t len);

/* How many bytes from p on are printable ASCII. */
size_t quick_text_len(const uint8_t *p, size_t len);

#endif
